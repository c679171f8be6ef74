import {chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from "vitest";
import {sealedParts} from "../../../capture/partitions/layout.ts";
import {mergeParts} from "../../../capture/partitions/merge.ts";
import {readStoreCredentials, takeStoreCredentials} from "../../../capture/store/credentials.ts";
import {storeFolder} from "../../../capture/store/journal.ts";
import {mirror, statesFolder} from "../../../capture/store/mirror.ts";
import {fileOfKey} from "../../../capture/store/object-keys.ts";
import {type ObjectStore, openStore, StoreError} from "../../../capture/store/object-store.ts";
import {storePlace} from "../../../capture/store/place.ts";
import {ownSpools, sensorStates} from "../../../capture/store/sensor-states.ts";
import {ShipLoop} from "../../../capture/store/ship-loop.ts";
import {Shipper} from "../../../capture/store/shipper.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {retainParts} from "../../../loaders/lake/retention.ts";
import type {Value} from "../../../schema/engine.ts";
import {writeLossyLake} from "../../fixtures/lossy-lake.ts";
import {keys, type S3StandIn, s3StandIn} from "./s3-stand-in.ts";

let folder: string;
let stand: S3StandIn;
let store: ObjectStore;
let lakes = 0;
const beginUs = 1_780_000_000_000_000;
const clock = () => 1_790_000_000_000;
const newLake = () => join(folder, `lake-${lakes++}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-store-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));
beforeEach(async () => {
  stand = await s3StandIn();
  store = await openStore(storePlace({url: "s3://lake/of/all", endpoint: stand.endpoint}), keys);
});
afterEach(() => stand.close());

/** A lake with one live capture of some parts; captures of different `seed`s are different ones. */
async function madeLake(parts: number, seed = "a", nowMs = clock() + lakes * 60_000): Promise<string> {
  const lake = newLake();
  const part = {packets: 10, kernel: 1, interface: null, pipe: 0};
  const capture = {
    sha256: seed.repeat(64),
    path: "eth0",
    format: "live/tcpdump",
    beginUs,
    parts: Array<typeof part>(parts).fill(part)
  };
  await writeLossyLake(lake, [capture], nowMs);
  return lake;
}

const shipper = (lake: string, sensor = "north") => new Shipper({lake, sensor, place: "p", clock});
const intoLake = (lake: string) => mirror(store, {lake, place: "p", clock});

async function contents(lake: string): Promise<readonly (readonly Value[])[]> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 128});
  try {
    const sql =
      "SELECT (SELECT count(*) FROM flows), (SELECT count(DISTINCT flow_id) FROM flows), (SELECT CAST(sum(packets) AS BIGINT) FROM captures), (SELECT CAST(sum(kernel_drops) AS BIGINT) FROM parts)";
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

describe("a store that speaks S3", () => {
  it("takes, lists over several pages and gives objects, and names folders", async () => {
    for (let k = 0; k < 7; k++) await store.put(`sensor=a/x ${k}&.bin`, Buffer.from([k]));
    await store.put("sensor=b/y", Buffer.alloc(0));
    const listed = await store.list("sensor=a/");
    expect(listed.map(({key, bytes}) => [key, bytes])).toEqual(
      Array.from({length: 7}, (_, k) => [`sensor=a/x ${k}&.bin`, 1])
    );
    expect(new Set(listed.map(({tag}) => tag)).size).toBe(7);
    expect(await store.get("sensor=a/x 3&.bin", 10)).toEqual(Buffer.from([3]));
    expect(await store.folders("")).toEqual(["sensor=a", "sensor=b"]);
    expect([...stand.objects.keys()][0]).toBe("of/all/sensor=a/x 0&.bin");
    await expect(store.get("sensor=a/x 3&.bin", 0)).rejects.toThrow("more than 0 bytes");
  });

  it("says why it refuses, without the keys", async () => {
    const wrong = await openStore(storePlace({url: "s3://lake", endpoint: stand.endpoint}), {
      ...keys,
      secretAccessKey: "no/secret"
    });
    const error = await wrong.put("x", Buffer.from("y")).catch((error: unknown) => error as StoreError);
    expect(error).toMatchObject({status: 403, isPassing: false});
    expect(String(error)).toMatch(/answered 403 SignatureDoesNotMatch to PUT lake\/x$/);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/secret|AKIA/);
    stand.refuse = () => 0;
    expect(await store.put("x", Buffer.from("y")).catch((error: unknown) => error)).toMatchObject({
      status: null,
      isPassing: true
    });
  });
});

describe("parts that are sent", () => {
  it("are the lake that another machine reads, once", async () => {
    const lake = await madeLake(3);
    expect(await shipper(lake).ship(store)).toBe(3);
    const lastOf = stand.puts.filter((key) => key.includes("/captures/")).map((key) => stand.puts.indexOf(key));
    const rows = stand.puts.filter((key) => key.includes("/flows/")).map((key) => stand.puts.indexOf(key));
    expect(rows.every((at, k) => at < lastOf[k])).toBe(true);
    const puts = stand.puts.length;
    expect(await shipper(lake).ship(store)).toBe(0);
    expect(stand.puts.slice(puts)).toEqual(["of/all/sensor=north/state.json"]);
    const other = newLake();
    expect(await intoLake(other)).toMatchObject({sensors: ["north"], parts: 3, foreign: 0});
    expect(await contents(other)).toEqual([[15n, 15n, 30n, 3n]]);
    expect(await intoLake(other)).toMatchObject({parts: 0, files: 0});
    expect(JSON.parse(readFileSync(join(statesFolder(other), "north.json"), "utf8"))).toMatchObject({
      sensor: "north",
      pendingParts: 0,
      lostParts: 0
    });
  });

  it("of several sensors become one lake", async () => {
    await shipper(await madeLake(2, "a")).ship(store);
    await shipper(await madeLake(1, "b"), "east").ship(store);
    const other = newLake();
    expect(await intoLake(other)).toMatchObject({sensors: ["east", "north"], parts: 3});
    expect(sealedParts(other)).toHaveLength(3);
    expect(sensorStates(other).map(({sensor, pendingParts}) => [sensor, pendingParts])).toEqual([
      ["east", 0],
      ["north", 0]
    ]);
  });

  it("are whole or not there while the store goes away in their midst; nothing is lost, nothing double", async () => {
    const lake = await madeLake(8);
    const sender = shipper(lake);
    const other = newLake();
    for (const allowed of [1, 3, 5]) {
      let left = allowed;
      stand.refuse = (method) => (method === "PUT" && left-- <= 0 ? (allowed === 3 ? 0 : 503) : null);
      await expect(sender.ship(store)).rejects.toThrow(StoreError);
      stand.refuse = () => null;
      await intoLake(other);
      const [[flows, distinct]] = await contents(other);
      expect([flows, Number(flows) % 5]).toEqual([distinct, 0]);
      expect(sender.state().problem).toMatch(/503|cannot be reached/);
    }
    await sender.ship(store);
    await intoLake(other);
    expect(await contents(other)).toEqual([[40n, 40n, 80n, 8n]]);
    expect(sender.state()).toMatchObject({pendingParts: 0, pendingBytes: 0, problem: null});
  });

  it("go once more under the same names after a kill before they were noted", async () => {
    const lake = await madeLake(2);
    await shipper(lake).ship(store);
    const objects = new Map(stand.objects);
    const journal = join(storeFolder(lake), readdirSync(storeFolder(lake)).find((name) => name.startsWith("sent-"))!);
    writeFileSync(journal, readFileSync(journal, "utf8").slice(0, 150));
    expect(await shipper(lake).ship(store)).toBeGreaterThan(0);
    objects.delete("of/all/sensor=north/state.json");
    for (const [key, content] of objects) expect(stand.objects.get(key)?.equals(content), key).toBe(true);
    expect(stand.objects.size).toBe(objects.size + 1);
  });

  it("do not count twice when they are merged on the sensor, sent before or in the midst", async () => {
    for (const sentFirst of [12, 5]) {
      stand.objects.clear();
      const lake = await madeLake(12);
      const sender = shipper(lake);
      let captures = 0;
      stand.refuse = (method, key) =>
        method === "PUT" && key.includes("/captures/") && ++captures > sentFirst ? 503 : null;
      await sender.ship(store).catch(() => {});
      stand.refuse = () => null;
      expect(await mergeParts(lake, clock())).toHaveLength(1);
      expect(await sender.ship(store)).toBe(sentFirst === 12 ? 0 : 1);
      const other = newLake();
      await intoLake(other);
      expect(await contents(other)).toEqual([[60n, 60n, 120n, 12n]]);
      expect(sender.state()).toMatchObject({pendingParts: 0, lostParts: 0});
    }
  });

  it("are counted as lost where the sensor's limits remove them first", async () => {
    const lake = await madeLake(3);
    const sender = shipper(lake);
    stand.refuse = () => 503;
    await expect(sender.ship(store)).rejects.toThrow("503");
    expect(ownSpools(lake)).toMatchObject([{sensor: "north", pendingParts: 3, lostParts: 0}]);
    await retainParts(lake, {maxAgeS: null, maxBytes: 1}, clock());
    stand.refuse = () => null;
    expect(await shipper(lake).ship(store)).toBe(0);
    expect(ownSpools(lake)).toMatchObject([{pendingParts: 0, lostParts: 3, problem: null}]);
  });
});

describe("what a store holds besides", () => {
  it("becomes no path and no part", async () => {
    await shipper(await madeLake(1)).ship(store);
    const evil = Buffer.from("PAR1 nothing PAR1");
    const names = [
      "flows/../../up.parquet",
      "nothing/a-1.flows.0.parquet",
      "flows/.a.parquet",
      "flows/x/y.parquet",
      "captures/a-1.removed"
    ];
    for (const name of names) stand.objects.set(`of/all/sensor=north/${name}`, evil);
    stand.objects.set("of/all/sensor=../flows/a-1.flows.0.parquet", evil);
    stand.objects.set("of/all/sensor=north/flows/zz-1.flows.0.parquet", evil);
    stand.objects.set("of/all/sensor=north/state.json", Buffer.from('{"sensor":"south"}'));
    const other = newLake();
    expect(await intoLake(other)).toMatchObject({sensors: ["north"], parts: 1, foreign: names.length});
    expect(readdirSync(join(other, "flows"))).toHaveLength(1);
    expect(existsSync(join(statesFolder(other), "north.json"))).toBe(false);
    stand.objects.set("of/all/sensor=north/captures/zz-1.parquet", Buffer.from("no Parquet, though long enough"));
    await expect(intoLake(other)).rejects.toThrow("expected a Parquet file of 30 bytes");
    expect(sealedParts(other)).toHaveLength(1);
  });

  it.each(["flows/a-1.flows.0.parquet", "captures/20261129T1-x-1_12r2.parquet"])("%s is a file", (name) =>
    expect(fileOfKey("a", `sensor=a/${name}`)).not.toBeNull()
  );
});

describe("settings of a store", () => {
  it.each([
    ["s3://", ""],
    ["s3://UPPER/x", ""],
    ["s3://key:word@bucket/x", ""],
    ["s3://lake/../x", ""],
    ["s3://lake", "http://me:pass@host"],
    ["s3://lake", "http://host/path"],
    ["s3://lake", "ftp://host"]
  ])("%s at %j is refused without repeating a password", (url, endpoint) => {
    expect(() => storePlace({url, endpoint})).toThrow(/^store/);
    expect(() => storePlace({url, endpoint})).not.toThrow(/key:word|me:pass/);
  });

  it("keys leave the environment, or come from a file that is its owner's alone", () => {
    const env = {AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "B", OTHER: "C"} as NodeJS.ProcessEnv;
    expect(takeStoreCredentials(env)).toEqual({accessKeyId: "A", secretAccessKey: "B"});
    expect(env).toEqual({OTHER: "C"});
    expect(takeStoreCredentials(env)).toBeNull();
    const path = join(folder, "credentials");
    writeFileSync(
      path,
      "[default]\naws_access_key_id = A\naws_secret_access_key = B=\n[other]\naws_access_key_id = X\n"
    );
    chmodSync(path, 0o644);
    expect(() => readStoreCredentials(path)).toThrow("can be read by others: chmod 600 it");
    chmodSync(path, 0o600);
    expect(readStoreCredentials(path)).toEqual({accessKeyId: "A", secretAccessKey: "B="});
  });
});

it("while the store is away its absence is told once, and so is its return", async () => {
  let failures = 3;
  let rounds = 0;
  const told: string[] = [];
  const sender = {
    ship: async () => {
      rounds++;
      if (failures-- > 0) throw new StoreError("away", null);
      return 1;
    }
  };
  const loop = new ShipLoop({shipper: sender, store, leastMs: 1, onChange: (words) => told.push(words)});
  loop.poke();
  expect(await loop.finish(10_000)).toBe(true);
  expect(rounds).toBe(4);
  expect(told).toEqual(["parts wait on this disk: away", "the store is back: all parts are sent"]);
  failures = 1e9;
  const hopeless = new ShipLoop({shipper: sender, store, leastMs: 1, mostMs: 5, onChange: () => {}});
  expect(await hopeless.finish(30)).toBe(false);
});
