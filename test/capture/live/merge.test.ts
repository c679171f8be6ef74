import {spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync} from "node:fs";
import {hostname, tmpdir} from "node:os";
import {basename, join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {listParts, parsePart, partFiles, sealedParts} from "../../../capture/partitions/layout.ts";
import {lockParts, mergeParts} from "../../../capture/partitions/merge.ts";
import {closeRun, removeLeftovers} from "../../../capture/partitions/run.ts";
import {graceMs, sweepParts} from "../../../capture/partitions/sweep.ts";
import {writeTable} from "../../../capture/partitions/write-table.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {retainParts} from "../../../loaders/lake/retention.ts";
import {table, tables} from "../../../schema/tables.ts";
import {randomBatch, randomFrom} from "../partitions/random-batches.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-merge-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const start = Date.UTC(2026, 0, 1);
let made = 0;

/** A lake as a live capture leaves it: parts of 20 flows, a second apart. */
async function smallParts(count: number): Promise<{lake: string; run: string}> {
  const lake = join(folder, `lake${made++}`);
  const random = randomFrom(made);
  const writer = openLakeWriter(lake, start);
  writer.describe({"flowbook.meter": "m"});
  for (let n = 0; n < count; n++) {
    writer.capture("c", {malformed: 1});
    for (const name of ["flows", "features", "dns"] as const) writer.write(randomBatch(table(name), 20, random));
    const at = (start + n * 1000) * 1000;
    await writer.seal([
      {
        capture_sha256: "c",
        path: "eth0",
        packets: 100n,
        flows: 20n,
        malformed: 1n,
        kernel_drops: n % 2 ? 3n : null,
        unread: JSON.stringify({147: n}),
        first_ts: at,
        last_ts: at + 1000,
        imported_at: at
      } as never
    ]);
  }
  await writer.close();
  return {lake, run: parsePart(sealedParts(lake)[0]).run};
}

async function ask(lake: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

const everything = (lake: string) =>
  Promise.all(["flows", "features", "dns", "verdicts"].map((name) => ask(lake, `SELECT * FROM ${name} ORDER BY ALL`)));

describe("small parts of a run", () => {
  it("become one of twelve, with the same rows, and the sum of what their captures' rows count", async () => {
    const {lake, run} = await smallParts(14);
    const before = await everything(lake);
    const merged = await mergeParts(lake, start + 60_000);
    expect(merged).toEqual([`${run}-0_11`]);
    expect(sealedParts(lake)).toEqual([`${run}-0_11`, `${run}-12`, `${run}-13`]);
    expect(await everything(lake)).toEqual(before);
    expect(await ask(lake, "SELECT packets, flows, malformed, kernel_drops, unread, path FROM captures")).toEqual([
      [1400n, 280n, 14n, 21n, '{"147":13}', "eth0"]
    ]);
    const [[metadata]] = await ask(
      lake,
      `SELECT map_from_entries(list((decode(key), decode(value)))) FROM parquet_kv_metadata('${partFiles(lake, "flows")[0].path}')
       WHERE decode(key) LIKE 'flowbook%'`
    );
    expect(String(metadata).replaceAll("\\", "")).toContain('"malformed":12');
    expect(String(metadata)).toContain("flowbook.meter");
    // The next twelve of that size would become the next size; two of one and one of another do not.
    expect(await mergeParts(lake, start + 60_000)).toEqual([]);
    expect(await mergeParts(lake, start + 60_000, run)).toEqual([`${run}-0_13`]);
    expect(await everything(lake)).toEqual(before);
  });

  it("keep incidents in a file that the next ones replace", async () => {
    const {lake, run} = await smallParts(12);
    const write = (part: string) =>
      writeTable(
        lake,
        "incidents",
        [randomBatch(table("incidents"), 2, randomFrom(7))],
        `${part}.incidents.parquet`,
        {},
        start
      );
    await write(`${run}-0`);
    expect(await mergeParts(lake, start + 60_000)).toEqual([`${run}-0_11`]);
    await write(`${run}-0_11`);
    expect(partFiles(lake, "incidents", sealedParts(lake)).map(({path}) => basename(path))).toEqual([
      `${run}-0_11.incidents.parquet`
    ]);
    expect(await ask(lake, "SELECT count(*) FROM incidents")).toEqual([[2n]]);
  });

  it("are never seen twice or not at all while they are merged and swept", async () => {
    const {lake, run} = await smallParts(30);
    const engine = await openLake(lake, {threads: 1, memoryMb: 256});
    let merging = true;
    const work = mergeParts(lake, start)
      .then(() => mergeParts(lake, start, run))
      .finally(() => (merging = false));
    let looks = 0;
    while (merging || looks < 3) {
      await engine.refresh();
      const {rows} = await engine.query(
        "SELECT count(*), count(DISTINCT flow_id), (SELECT count(*) FROM features), (SELECT sum(packets) FROM captures) FROM flows"
      );
      expect(rows[0].map(Number)).toEqual([600, 600, 600, 3000]);
      looks++;
    }
    await work;
    expect(sealedParts(lake)).toEqual([`${run}-0_29`]);
    // Within the grace, who listed the old files can still read them; afterwards they go.
    expect(sweepParts(lake, Date.now())).toBe(0);
    expect(sweepParts(lake, Date.now() + graceMs + 1000)).toBeGreaterThan(90);
    expect(readdirSync(join(lake, "flows"))).toEqual([`${run}-0_29.flows.0.parquet`]);
    await engine.refresh();
    expect((await engine.query("SELECT count(*) FROM flows")).rows).toEqual([[600n]]);
    await engine.close();
  });

  it("take their verdicts along where all have some, and wait where only some have", async () => {
    const {lake, run} = await smallParts(12);
    const random = randomFrom(5);
    const parts = sealedParts(lake);
    const write = (part: string) =>
      writeTable(
        lake,
        "verdicts",
        [randomBatch(table("verdicts"), 20, random)],
        `${part}.abc.parquet`,
        {"flowbook.model": "abc"},
        start
      );
    for (const part of parts.slice(0, 11)) await write(part);
    expect(await mergeParts(lake, start)).toEqual([]);
    await write(parts[11]);
    const before = await everything(lake);
    expect(await mergeParts(lake, start)).toEqual([`${run}-0_11`]);
    expect(partFiles(lake, "verdicts").map(({path}) => path)).toEqual([
      join(lake, "verdicts", `${run}-0_11.abc.parquet`)
    ]);
    expect(await everything(lake)).toEqual(before);
  });

  it("stay as they are when the merging process is killed before its last rename", async () => {
    const {lake, run} = await smallParts(12);
    const before = await everything(lake);
    // What such a process leaves: files of the merged part, without its file in captures.
    const [file] = partFiles(lake, "flows");
    writeFileSync(join(lake, "flows", `${run}-0_11.flows.0.parquet`), file.path);
    const folder = join(lake, ".runs", `${run}-0_11`);
    mkdirSync(folder);
    const {pid} = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(folder, "owner.json"), JSON.stringify({pid, host: hostname(), started: "1"}));
    expect(await everything(lake)).toEqual(before);
    expect(removeLeftovers(lake, start)).toBe(2);
    expect(await mergeParts(lake, start)).toEqual([`${run}-0_11`]);
    expect(await everything(lake)).toEqual(before);
  });

  it("are left alone while another process merges or removes", async () => {
    const {lake} = await smallParts(12);
    const lock = lockParts(lake, Date.now());
    expect(await mergeParts(lake, Date.now())).toEqual([]);
    expect((await retainParts(lake, {maxAgeS: 0, maxBytes: null}, Date.now())).done).toBe(false);
    closeRun(lock!);
    expect((await mergeParts(lake, Date.now())).length).toBe(1);
  });
});

describe("retention", () => {
  it("by age hides the oldest parts at once and deletes their files after the grace", async () => {
    const {lake, run} = await smallParts(5);
    const now = start + 4000;
    const dry = await retainParts(lake, {maxAgeS: 2.5, maxBytes: null}, now, true);
    expect(dry.removed).toEqual([`${run}-0`, `${run}-1`]);
    expect(sealedParts(lake).length).toBe(5);
    const {removed} = await retainParts(lake, {maxAgeS: 2.5, maxBytes: null}, now);
    expect(removed).toEqual([`${run}-0`, `${run}-1`]);
    expect(await ask(lake, "SELECT count(*), (SELECT packets FROM captures) FROM flows")).toEqual([[60n, 300n]]);
    expect(readdirSync(join(lake, "flows")).length).toBe(5);
    await retainParts(lake, {maxAgeS: null, maxBytes: null}, Date.now() + graceMs + 1000);
    expect(readdirSync(join(lake, "flows")).length).toBe(3);
    expect(readdirSync(join(lake, "captures")).length).toBe(3);
    expect(await ask(lake, "SELECT count(*) FROM flows")).toEqual([[60n]]);
  });

  it("by size keeps the newest parts that fit", async () => {
    const {lake, run} = await smallParts(6);
    const bytesOf = (part: number) =>
      tables
        .flatMap(({name}) => partFiles(lake, name, [`${run}-${part}`]))
        .reduce((sum, {path}) => sum + statSync(path).size, 0);
    const newest = bytesOf(3) + bytesOf(4) + bytesOf(5);
    const {removed, keptBytes} = await retainParts(lake, {maxAgeS: null, maxBytes: newest}, start);
    expect(removed).toEqual([`${run}-0`, `${run}-1`, `${run}-2`]);
    expect(keptBytes).toBe(newest);
  });

  it("of a merged part does not bring back those it was made of", async () => {
    const {lake, run} = await smallParts(12);
    expect(await mergeParts(lake, start)).toEqual([`${run}-0_11`]);
    await retainParts(lake, {maxAgeS: 0, maxBytes: null}, start + 3_600_000);
    expect(await ask(lake, "SELECT count(*) FROM flows")).toEqual([[0n]]);
    // The mark is old, the merged part's file is not: what it was made of goes all the same.
    const old = (start + 1000) / 1000;
    utimesSync(join(lake, "captures", `${run}-0_11.removed`), old, old);
    sweepParts(lake, start + 3_600_000);
    expect(listParts(lake)).toEqual([]);
    expect(await ask(lake, "SELECT count(*) FROM flows")).toEqual([[0n]]);
  });
});
