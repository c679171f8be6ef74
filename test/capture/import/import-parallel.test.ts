import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {Worker} from "node:worker_threads";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importCaptures
} from "../../../capture/import/import.ts";
import {ImportLedger} from "../../../capture/import/import-ledger.ts";
import {importSideBySide} from "../../../capture/import/import-threads.ts";
import {workersFor} from "../../../capture/import/worker-count.ts";
import {defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openEngine} from "../../../capture/partitions/engine.ts";
import {partFiles, sealedParts} from "../../../capture/partitions/layout.ts";
import {literal} from "../../../schema/ddl.ts";
import {tables} from "../../../schema/tables.ts";
import {itUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-parallel-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let lakes = 0;
const newLake = () => join(folder, `lake-${lakes++}`);
const clock = () => 1_790_000_000_000;
const run = (lake: string, paths: readonly string[], options: Partial<ImportOptions> = {}): Promise<ImportResult> =>
  importCaptures(paths, {lake, clock, workers: 3, ...options});

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A capture of so many packets, each a flow. */
function made(host: number, packets: number): Buffer {
  const frame = (i: number) => ethernetUdp(`10.${host}.0.1`, 1 + (i % 60_000), "10.99.0.1", 53, Buffer.from("payload"));
  return pcap(Array.from({length: packets}, (_, i) => ({us: i, frame: frame(i)})));
}

/** What runs left in the lake that nobody will seal. */
const leftIn = (lake: string) => [
  ...readdirSync(join(lake, ".runs")),
  ...readdirSync(lake).filter((name) => name.startsWith(".spool-"))
];

/** What a result says of each file; the same whoever read it. */
const told = ({captures, failed}: ImportResult) => ({
  captures: captures.map(({row: {imported_at: _, ...row}, known}) => ({row, known})),
  failed
});

/** Rows of a table that one lake has and the other has not, in both directions; when they were imported does not count. */
async function difference(a: string, b: string): Promise<Record<string, number>> {
  const engine = await openEngine("1GB", "");
  const connection = await engine.connect();
  const rowsOf = (lake: string, name: (typeof tables)[number]["name"]) => {
    const paths = partFiles(lake, name).map(({path}) => literal(path));
    return `SELECT * ${name === "captures" ? "EXCLUDE imported_at" : ""} FROM read_parquet([${paths.join()}])`;
  };
  const counted: Record<string, number> = {};
  try {
    for (const {name} of tables.filter(({name}) => partFiles(a, name).length > 0)) {
      const [x, y] = [rowsOf(a, name), rowsOf(b, name)];
      const result = await connection.runAndReadAll(
        `SELECT (SELECT count(*) FROM (${x} EXCEPT ALL ${y})) + (SELECT count(*) FROM (${y} EXCEPT ALL ${x}))`
      );
      counted[name] = Number(result.getRows()[0][0]);
    }
    return counted;
  } finally {
    connection.closeSync();
    engine.closeSync();
  }
}

describe("captures read side by side", () => {
  itUnless(noSharedData)("make the lake that one thread makes, and tell the same", async () => {
    const [one, three] = [newLake(), newLake()];
    const paths = [join(sharedData, "pcap"), join(folder, "missing")];
    const alone = await run(one, paths, {workers: 1});
    const shared = await run(three, paths);
    expect(told(shared)).toEqual(told(alone));
    expect(shared.captures.length).toBe(815);
    expect(shared.parts.toSorted()).toEqual(sealedParts(three));
    expect(shared.parts.length).toBe(3);
    const differing = await difference(one, three);
    expect(Object.keys(differing)).toEqual(
      expect.arrayContaining(["flows", "features", "captures", "dns", "http", "tls", "ssh", "ftp", "smb", "arp"])
    );
    expect(Object.values(differing)).toEqual(Object.keys(differing).map(() => 0));
    expect(leftIn(three)).toEqual([]);
  });

  it("are read once where their content is the same, under the first one's name", async () => {
    const lake = newLake();
    mkdirSync(join(folder, "same"));
    const paths = Array.from({length: 12}, (_, i) => join(folder, "same", `${String(i).padStart(2, "0")}.pcap`));
    for (const [i, path] of paths.entries())
      writeFileSync(path, i % 3 === 0 ? made(1, 3000) : i % 3 === 1 ? made(2, 3000) : made(i, 10));
    const {captures, parts} = await run(lake, paths);
    expect(captures.map(({row, known}) => [basename(row.path), known])).toEqual(
      paths.map((path, i) => [basename(i % 3 === 2 ? path : paths[i % 3]), i % 3 !== 2 && i > 2])
    );
    expect(parts.length).toBeGreaterThan(0);
    const again = await run(lake, paths.toReversed());
    expect(again.captures.map(({row}) => row)).toEqual(captures.map(({row}) => row).toReversed());
    expect([again.parts, again.captures.every(({known}) => known)]).toEqual([[], true]);
    const forced = await run(lake, paths, {force: true, clock: () => clock() + 60_000});
    expect(forced.captures.map(({known}) => known)).toEqual(captures.map(({known}) => known));
  });

  it("are not stopped by files that are none", async () => {
    const text = Buffer.from("hello, world of text\n".repeat(9));
    const paths = [
      file("text-1.txt", text),
      file("a.pcap", made(1, 50)),
      file("empty.pcap", new Uint8Array()),
      file("text-2.txt", text),
      join(folder, "missing.pcap"),
      file("cut.pcap", made(2, 50).subarray(0, -3)),
      file("text-3.txt", text)
    ];
    const shared = await run(newLake(), paths);
    expect(told(shared)).toEqual(told(await run(newLake(), paths, {workers: 1})));
    expect(shared.failed.map(({path}) => basename(path))).toEqual([
      "missing.pcap",
      "text-1.txt",
      "empty.pcap",
      "text-2.txt",
      "text-3.txt"
    ]);
    expect(shared.captures.map(({row}) => row.problem === null)).toEqual([true, false]);
  });

  it("tell their progress as one, and of each part that readers see", async () => {
    const paths = [40_000, 30_000, 20_000, 5].map((packets, i) => file(`long-${i}.pcap`, made(i, packets)));
    const progress: ImportProgress[] = [];
    let sealed = 0;
    const {captures, parts} = await run(newLake(), paths, {
      onProgress: (now) => progress.push(now),
      onSealed: (captures) => (sealed += captures)
    });
    expect(sealed).toBe(4);
    expect(parts.length).toBe(3);
    expect(new Set(progress.map(({file}) => file))).toEqual(new Set(paths));
    for (const [i, {readBytes, packets, totalBytes}] of progress.entries()) {
      expect(readBytes).toBeGreaterThanOrEqual(progress[i - 1]?.readBytes ?? 0);
      expect(readBytes).toBeLessThanOrEqual(totalBytes);
      expect(packets).toBeGreaterThanOrEqual(progress[i - 1]?.packets ?? 0);
    }
    expect(progress.at(-1)?.packets).toBe(90_005);
    expect(captures.map(({row}) => Math.round(row.imported_at / 1e9))).toEqual(captures.map(() => clock() / 1e6));
  });

  it("stopped midway leave nothing", async () => {
    const lake = newLake();
    const stop = new AbortController();
    const paths = [1, 2, 3, 4].map((host) => file(`stop-${host}.pcap`, made(host, 20_000)));
    const options = {signal: stop.signal, onProgress: () => stop.abort()};
    await expect(run(lake, paths, options)).rejects.toThrow("aborted");
    expect([sealedParts(lake), leftIn(lake)]).toEqual([[], []]);
    await expect(run(lake, paths, {signal: AbortSignal.abort()})).rejects.toThrow("aborted");
    expect([sealedParts(lake), leftIn(lake)]).toEqual([[], []]);
  });

  it.each([1, 3])("end with the writer's failure (%i threads)", async (workers) => {
    const lake = newLake();
    const paths = [1, 2, 3].map((host) => file(`fail-${host}.pcap`, made(host, 100)));
    // Where the table's folder is to be there is a file.
    const onProgress = () => writeFileSync(join(lake, "flows"), "");
    await expect(run(lake, paths, {workers, onProgress})).rejects.toThrow(`${lake}: the rows could not be written`);
    expect([sealedParts(lake), leftIn(lake)]).toEqual([[], []]);
  });

  it("end with what a caller's function throws", async () => {
    const paths = [1, 2].map((host) => file(`throw-${host}.pcap`, made(host, 100)));
    const onProgress = () => {
      throw new Error("no more of this");
    };
    await expect(run(newLake(), paths, {onProgress})).rejects.toThrow("no more of this");
  });

  it.each([
    ["process.exit(3)", "ended with code 3"],
    ["throw new Error('broken')", "broken"],
    ["const all = []; for (;;) all.push(new Array(1e5).fill(0.5));", "memory"]
  ])("end with an error where a thread dies: %s", async (code, message) => {
    const lake = newLake();
    const paths = [1, 2].map((host) => file(`die-${host}.pcap`, made(host, 100)));
    const files = paths.map((path) => ({path, name: path, bytes: 1}));
    const ledger = new ImportLedger(files, {meter: "", known: async () => [], force: false});
    const start = () => new Worker(code, {eval: true, resourceLimits: {maxOldGenerationSizeMb: 8}});
    mkdirSync(lake);
    const options = {lake, clock, settings: defaultSettings, workers: 2};
    await expect(importSideBySide(files, ledger, options, start)).rejects.toThrow(message);
    expect(leftIn(lake)).toEqual([]);
  });
});

describe("the ledger of an import", () => {
  const known = async () => [];
  const read = {replaces: []};
  const row = (sha256: string) => ({capture_sha256: sha256, packets: 1n, meter: "m"}) as never;
  const files = (sizes: readonly number[]) => sizes.map((bytes, i) => ({path: `${i}`, name: `${i}`, bytes}));

  it("lets the first of the same content be read, though another one's hash is told before", async () => {
    const ledger = new ImportLedger(files([7, 7, 7]), {meter: "m", known, force: false});
    const later = [ledger.mayRead(2, "a", "a"), ledger.mayRead(1, "a", "a")];
    expect(await ledger.mayRead(0, "a", "a")).toEqual(read);
    expect(await Promise.all(later)).toEqual([null, null]);
    for (const file of [1, 2]) expect(ledger.settle(file, {row: null, problem: null})).toEqual([]);
    expect(ledger.settle(0, {row: row("a"), problem: null})).toEqual([]);
    expect(ledger.result([]).captures.map((capture) => capture.known)).toEqual([false, true, true]);
  });

  it("gives those that waited for a row back where there came none", async () => {
    const ledger = new ImportLedger(files([7, 7, 7]), {meter: "m", known, force: false});
    expect(await Promise.all([0, 1, 2].map((file) => ledger.mayRead(file, "a", "a")))).toEqual([read, null, null]);
    expect(ledger.settle(0, {row: null, problem: "gone"})).toEqual([1, 2]);
    expect(await Promise.all([1, 2].map((file) => ledger.mayRead(file, "a", "a")))).toEqual([read, null]);
    // What the first round left may be told late.
    for (const file of [1, 2]) expect(ledger.settle(file, {row: null, problem: null})).toEqual([]);
    expect(await ledger.mayRead(2, "a", "a")).toBeNull();
    ledger.settle(1, {row: row("a"), problem: null});
    const {captures, failed} = ledger.result([]);
    expect(failed).toEqual([{path: "0", problem: "gone"}]);
    expect(captures.map((capture) => capture.known)).toEqual([false, true]);
  });

  it("waits for no file of another size, nor for one that could not be hashed", async () => {
    const ledger = new ImportLedger(files([7, 8, 7]), {meter: "m", known, force: false});
    expect(await ledger.mayRead(1, "b", "b")).toEqual(read);
    const later = ledger.mayRead(2, "a", "a");
    ledger.settle(0, {row: null, problem: "no such file"});
    expect(await later).toEqual(read);
  });
});

describe("the number of threads", () => {
  const large = {bytes: 1e9};
  const small = {bytes: 50e3};
  const machine = {cores: 8, freeBytes: 64e9};

  it("is one for one file, for many small ones, and where cores or memory are short", () => {
    expect(workersFor([large], machine)).toBe(1);
    expect(workersFor([], machine)).toBe(1);
    expect(workersFor(Array(815).fill(small), machine)).toBe(1);
    expect(workersFor([large, small], machine)).toBe(1);
    expect(workersFor([large, large], {...machine, cores: 1})).toBe(1);
    expect(workersFor([large, large], {...machine, freeBytes: 700e6})).toBe(1);
  });

  it("is two, which a GB has room for, where several have something in them", () => {
    expect(workersFor([large, large, large, large], machine)).toBe(2);
    expect(workersFor([large, ...Array(6000).fill(small)], machine)).toBe(2);
  });
});
