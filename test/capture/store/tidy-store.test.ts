import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {finishForgetting, partsOnlyOf} from "../../../capture/partitions/forgetting.ts";
import {forget} from "../../../capture/partitions/forgotten.ts";
import {capturesOf} from "../../../capture/partitions/known.ts";
import {parsePart, sealedParts} from "../../../capture/partitions/layout.ts";
import {mergeParts} from "../../../capture/partitions/merge.ts";
import {storeFolder} from "../../../capture/store/journal.ts";
import {mirror} from "../../../capture/store/mirror.ts";
import {type ObjectStore, openStore} from "../../../capture/store/object-store.ts";
import {storePlace} from "../../../capture/store/place.ts";
import {Shipper} from "../../../capture/store/shipper.ts";
import {forgetInStore} from "../../../capture/store/store-tombstones.ts";
import {tidyStore} from "../../../capture/store/tidy-store.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {writeLossyLake} from "../../fixtures/lossy-lake.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";
import {keys, type S3StandIn, s3StandIn} from "./s3-stand-in.ts";

let folder: string;
let stand: S3StandIn;
let store: ObjectStore;
let lakes = 0;
const clock = () => 1_790_000_000_000;
const newLake = () => join(folder, `lake-${lakes++}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-tidy-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));
beforeEach(async () => {
  stand = await s3StandIn();
  store = await openStore(storePlace({url: "s3://lake/of/all", endpoint: stand.endpoint}), keys);
});
afterEach(() => stand.close());

/** A sensor's lake with a live capture of so many parts of five flows, sent to the store. */
async function sensor(name: string, seed: string, parts: number): Promise<string> {
  const lake = newLake();
  const part = {packets: 10, kernel: 1, interface: null, pipe: 0};
  const all = Array<typeof part>(parts).fill(part);
  const capture = {
    sha256: seed.repeat(64),
    path: "eth0",
    format: "live/tcpdump",
    beginUs: 1_780_000_000_000_000,
    parts: all
  };
  await writeLossyLake(lake, [capture], clock() + lakes * 60_000);
  await send(lake, name);
  return lake;
}

const send = (lake: string, name: string) => new Shipper({lake, sensor: name, place: "p", clock}).ship(store);
const sync = (lake: string) => mirror(store, {lake, place: "p", clock});
const tidy = (lake: string, maxAgeS: number | null = null) => tidyStore(store, {lake, maxAgeS, clock});

/** Flows, different flows, and captures that have any. */
async function flowsOf(lake: string): Promise<readonly number[]> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 128});
  try {
    const sql = "SELECT count(*), count(DISTINCT (flow_id, capture_sha256)), count(DISTINCT capture_sha256) FROM flows";
    return (await engine.query(sql)).rows[0].map(Number);
  } finally {
    await engine.close();
  }
}

async function freshMirror(): Promise<string> {
  const lake = newLake();
  await sync(lake);
  return lake;
}

/** What `flowbook forget CAPTURE --store` does. */
async function forgetEverywhere(lake: string, sha256: string): Promise<void> {
  const {run} = parsePart((await capturesOf(lake)).find(({capture_sha256}) => capture_sha256 === sha256)!.part);
  await forgetInStore(store, {sha256, upTo: run, parts: await partsOnlyOf(lake, sha256)});
  forget(lake, sha256, {upTo: run, after: null});
  await finishForgetting(lake, clock());
  await tidy(lake);
}

const partsInStore = () => [...stand.objects.keys()].filter((key) => key.includes("/captures/")).length;

describe("a capture that is forgotten in the store", () => {
  it("leaves it and every mirror, and does not come back where it is sent again; others stay", async () => {
    const lake = await sensor("north", "a", 3);
    await sensor("east", "b", 2);
    const [first, second] = [await freshMirror(), await freshMirror()];
    await forgetEverywhere(first, "a".repeat(64));
    expect([...stand.objects.keys()].filter((key) => key.includes("sensor=north/"))).toEqual([
      "of/all/sensor=north/state.json"
    ]);
    expect(await flowsOf(first)).toEqual([10, 10, 1]);
    expect(await flowsOf(second)).toEqual([25, 25, 2]);
    await sync(second);
    expect(await flowsOf(second)).toEqual([10, 10, 1]);
    rmSync(storeFolder(lake), {recursive: true});
    expect(await send(lake, "north")).toBe(3);
    for (const mirrored of [first, second, newLake()]) {
      await sync(mirrored);
      expect(await flowsOf(mirrored)).toEqual([10, 10, 1]);
    }
    expect(await tidy(first)).toMatchObject({removed: 3, replaced: 0});
    expect(partsInStore()).toBe(2);
  });

  it("leaves the part that it shares with another one, which is sent anew without it", async () => {
    const lake = newLake();
    const files = ["one", "two"].map((name, k) => {
      const path = join(folder, `${name}.pcap`);
      writeFileSync(
        path,
        pcap([{us: 1, frame: ethernetUdp("10.0.0.1", 1000, `10.0.0.${k + 2}`, 53, Buffer.from(name))}])
      );
      return path;
    });
    const {captures} = await importCaptures(files, {lake, clock});
    await send(lake, "north");
    const [first, second] = [await freshMirror(), await freshMirror()];
    await forgetEverywhere(first, captures[0].row.capture_sha256);
    for (const mirrored of [first, second, newLake()]) {
      await sync(mirrored);
      expect(await flowsOf(mirrored)).toEqual([1, 1, 1]);
    }
    expect(partsInStore()).toBe(1);
  });
});

describe("parts that are merged in the store", () => {
  it("count once for mirrors that had them, that merged them too, that come later, and that read meanwhile", async () => {
    await sensor("north", "a", 12);
    const [first, had, mergedToo] = [await freshMirror(), await freshMirror(), await freshMirror()];
    for (const mirrored of [first, mergedToo]) expect(await mergeParts(mirrored, clock())).toHaveLength(1);
    const before = new Map(stand.objects);
    expect(await tidy(first)).toMatchObject({replaced: 12, sent: 1, removed: 0});
    expect(partsInStore()).toBe(1);
    expect(await tidy(first)).toMatchObject({replaced: 0, sent: 0, removed: 0});
    for (const [mirrored, parts] of [
      [had, 12],
      [mergedToo, 1],
      [newLake(), 1]
    ] as const) {
      await sync(mirrored);
      expect([await flowsOf(mirrored), sealedParts(mirrored).length]).toEqual([[60, 60, 1], parts]);
    }
    // While another one reads, the objects that it listed go, and the merged part's are there.
    const after = new Map(stand.objects);
    const swap = (objects: ReadonlyMap<string, Buffer>) => {
      stand.objects.clear();
      for (const [key, content] of objects) stand.objects.set(key, content);
    };
    swap(before);
    let gets = 0;
    stand.refuse = (method, key) => {
      if (method === "GET" && key.includes("/flows/") && ++gets === 4) swap(after);
      return null;
    };
    const meanwhile = newLake();
    await sync(meanwhile);
    expect(gets).toBeGreaterThan(4);
    expect(await flowsOf(meanwhile)).toEqual([60, 60, 1]);
  });

  it("are whole at every moment of a call that ends in the midst, and the next one goes on", async () => {
    await sensor("north", "a", 12);
    const first = await freshMirror();
    await mergeParts(first, clock());
    for (const allowed of [1, 2, 2, 9]) {
      let left = allowed;
      stand.refuse = (method) => (method !== "GET" && left-- <= 0 ? 503 : null);
      await expect(tidy(first)).rejects.toThrow("503");
      stand.refuse = () => null;
      expect(await flowsOf(await freshMirror())).toEqual([60, 60, 1]);
    }
    await tidy(first);
    expect(partsInStore()).toBe(1);
    expect(await flowsOf(await freshMirror())).toEqual([60, 60, 1]);
  });
});

it("parts that were sent longer ago than the limit leave the store, and mirrors keep theirs", async () => {
  await sensor("north", "a", 2);
  await sensor("east", "b", 1);
  const first = await freshMirror();
  stand.writtenMs = (key) => clock() - (key.includes("sensor=north") ? 100_000 : 10_000);
  expect(await tidyStore(store, {lake: first, maxAgeS: 60, clock, dryRun: true})).toMatchObject({removed: 2});
  expect(partsInStore()).toBe(3);
  expect(await tidy(first, 60)).toMatchObject({removed: 2, replaced: 0});
  expect(await flowsOf(await freshMirror())).toEqual([5, 5, 1]);
  await sync(first);
  expect(await flowsOf(first)).toEqual([15, 15, 2]);
});
