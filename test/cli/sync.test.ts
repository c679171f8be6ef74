import {execFile} from "node:child_process";
import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";
import {keys, type S3StandIn, s3StandIn} from "../capture/store/s3-stand-in.ts";

const root = resolve(import.meta.dirname, "../..");
let folder: string;
let stand: S3StandIn;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function flowbook(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const ofStore = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    FLOWBOOK_STORE_ENDPOINT: stand.endpoint,
    XDG_CACHE_HOME: join(folder, "cache")
  };
  return new Promise((done) =>
    execFile(
      process.execPath,
      [join(root, "bin/flowbook.js"), ...args],
      {cwd: folder, env: {...process.env, ...ofStore, ...env}},
      (error, out, err) => done({code: error ? Number(error.code) : 0, out, err})
    )
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-sync-"));
  chmodSync(folder, 0o711);
  stand = await s3StandIn();
  for (const [k, name] of ["a", "b"].entries())
    writeFileSync(
      join(folder, `${name}.pcap`),
      pcap([{us: 1, frame: ethernetUdp("10.0.0.1", 1000, `10.0.0.${k + 2}`, 2000, Buffer.from(name))}])
    );
});
afterAll(async () => {
  await stand.close();
  rmSync(folder, {recursive: true, force: true});
});

it("what sensors import goes to the store, and from there into one lake that is read as any other", async () => {
  const sent: Ended[] = [];
  for (const [file, sensor] of [
    ["a.pcap", "north"],
    ["b.pcap", "east"]
  ])
    sent.push(
      await flowbook([
        "import",
        file,
        "--no-score",
        "--sensor",
        sensor,
        "--lake",
        `lake-${sensor}`,
        "--store",
        "s3://lake/all"
      ])
    );
  expect(sent.map(({code, err}) => [code, err])).toEqual([
    [0, ""],
    [0, ""]
  ]);
  expect(
    [...stand.objects.keys()]
      .filter((key) => key.includes("/captures/"))
      .map((key) => key.split("/")[1])
      .sort()
  ).toEqual(["sensor=east", "sensor=north"]);

  const sql = "SELECT sensor, count(*) AS flows FROM flows JOIN captures USING (capture_sha256) GROUP BY 1 ORDER BY 1";
  const asked = await flowbook(["query", sql, "--json", "--lake", "s3://lake/all"]);
  expect([asked.code, JSON.parse(asked.out)]).toEqual([
    0,
    [
      {sensor: "east", flows: 1},
      {sensor: "north", flows: 1}
    ]
  ]);

  stand.refuse = () => 503;
  const later = await flowbook(["query", sql, "--json", "--lake", "s3://lake/all"]);
  expect([later.code, later.out]).toEqual([0, asked.out]);
  expect(later.err).toContain("answered 503 SlowDown");
  expect(later.err).toContain("what was fetched before is shown");
  stand.refuse = () => null;

  const [{capture_sha256: north}] = JSON.parse(
    (
      await flowbook([
        "query",
        "SELECT capture_sha256 FROM captures WHERE sensor = 'north'",
        "--json",
        "--lake",
        "s3://lake/all"
      ])
    ).out
  );
  const gone = await flowbook(["forget", north, "--lake", "s3://lake/all", "--store", "s3://lake/all"]);
  expect([gone.code, gone.err]).toEqual([0, ""]);
  expect([...stand.objects.keys()].filter((key) => /north\/(?!state)|forgotten/.test(key))).toEqual([
    `all/forgotten/${north}.json`
  ]);
  const left = await flowbook(["query", sql, "--json", "--lake", "s3://lake/all"]);
  expect([left.code, JSON.parse(left.out)]).toEqual([0, [{sensor: "east", flows: 1}]]);
  const kept = await flowbook(["gc", "--json", "--lake", "s3://lake/all", "--store", "s3://lake/all"]);
  expect(JSON.parse(kept.out)).toMatchObject({store_parts_merged: 0, store_parts_removed: 0});

  const lines = [...sent, asked, later, gone, left, kept].map(({out, err}) => out + err).join("\n");
  const files = readdirSync(folder, {recursive: true, encoding: "utf8"})
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  const written = files.map((path) => readFileSync(path, "latin1")).join("\n");
  expect(files.length).toBeGreaterThan(10);
  for (const secret of Object.values(keys)) expect(lines + written).not.toContain(secret);
});

it("without keys, or with a store for a lake to write, it says what to do", async () => {
  const none = await flowbook(["sync", "s3://lake/all", "--lake", "x"], {AWS_ACCESS_KEY_ID: ""});
  expect([none.code, none.err]).toEqual([3, expect.stringContaining("there are no keys for the store s3://lake/all")]);
  const written = await flowbook(["import", "a.pcap", "--lake", "s3://lake/all"]);
  expect([written.code, written.err]).toEqual([2, expect.stringContaining("--store s3://…")]);
});
