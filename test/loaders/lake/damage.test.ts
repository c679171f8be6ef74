import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync
} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {partFiles, sealedParts} from "../../../capture/partitions/layout.ts";
import {lakeDamage} from "../../../capture/partitions/lost-files.ts";
import {removeLeftovers} from "../../../capture/partitions/run.ts";
import {main} from "../../../cli/flowbook.ts";
import {repairLake} from "../../../cli/repair.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {scanLake} from "../../../loaders/lake/damage-scan.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {tableInputs} from "../../../loaders/results/freshness-inputs.ts";
import {tables} from "../../../schema/tables.ts";
import {ethernetUdp, pcap} from "../../capture/made-capture.ts";

const demo = join(import.meta.dirname, "../../../data/demo");
const clock = () => Date.now();
let folder: string;
let sound: string;
let copies = 0;

/** A copy of a lake with the demo capture in one part and a small one in another. */
function copy(): string {
  const lake = join(folder, `copy-${copies++}`);
  cpSync(sound, lake, {recursive: true});
  return lake;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-damage-"));
  sound = join(folder, "sound");
  const [capture] = readdirSync(demo).filter((name) => name.includes(".pcap"));
  copyFileSync(join(demo, capture), join(folder, capture));
  const small = join(folder, "small.pcap");
  const frame = ethernetUdp("10.9.9.1", 1000, "10.9.9.2", 9, Buffer.from("x"));
  writeFileSync(small, pcap([{us: 1_700_000_000_000_000, frame}]));
  await importCaptures([join(folder, capture)], {lake: sound, clock});
  await importCaptures([small], {lake: sound, clock});
  await classifyNewFlows(sound, {clock});
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function counts(lake: string): Promise<Record<string, number>> {
  const engine = await openLake(lake, {threads: 1});
  try {
    const counted: Record<string, number> = {};
    for (const {name} of tables)
      counted[name] = Number((await engine.query(`SELECT count(*) FROM "${name}"`)).rows[0][0]);
    return counted;
  } finally {
    await engine.close();
  }
}

const harms: readonly [string, (path: string) => void, RegExp][] = [
  ["empty", (path) => truncateSync(path, 0), /^is empty$/],
  ["cut", (path) => truncateSync(path, readFileSync(path).length >> 1), /^is cut short/],
  ["gone", (path) => rmSync(path), /^is missing$/],
  ["overwritten", (path) => writeFileSync(path, Buffer.alloc(500, 7)), /^does not begin as a Parquet file does$/],
  [
    "of another length inside",
    (path) => {
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(0x7fffffff, bytes.length - 8);
      writeFileSync(path, bytes);
    },
    /^says that its metadata have 2147483647 bytes/
  ]
];

describe("a damaged file of a lake", () => {
  for (const {name: table} of tables)
    it(`of ${table} is named and left out, however it is damaged, and everything else answers`, async () => {
      const before = await counts(sound);
      const [first] = partFiles(sound, table).sort((a, b) => (a.path < b.path ? -1 : 1));
      // The demo capture has no rows of some tables.
      if (!first) return;
      for (const [, harm, problem] of harms) {
        const lake = copy();
        const file = basename(first.path);
        harm(join(lake, table, file));
        const isDerived = table !== "captures" && !file.slice(first.part.length).startsWith(`.${table}.`);
        const damage = lakeDamage(lake);
        // What is derived and missing is only not there yet.
        if (isDerived && !existsSync(join(lake, table, file))) expect(damage).toEqual([]);
        else expect(damage).toEqual([{table, file, problem: expect.stringMatching(problem)}]);
        removeLeftovers(lake, clock());
        const after = await counts(lake);
        for (const {name} of tables)
          if (table === "captures" || name === table) expect(after[name]).toBeLessThanOrEqual(before[name]);
          else if (name !== "verdicts" && name !== "parts") expect([name, after[name]]).toEqual([name, before[name]]);
        expect(after[table]).toBeLessThan(before[table]);
        const [{inputs: inputsBefore}, {inputs}] = [await tableInputs(sound, {}), await tableInputs(lake, {})];
        expect(inputs[`table ${table}`]).not.toBe(inputsBefore[`table ${table}`]);
        if (table === "captures") expect(sealedParts(lake).length).toBe(1);
        rmSync(lake, {recursive: true, force: true});
      }
    });

  it("that is damaged inside is found by a query that meets it, and by doctor", async () => {
    const before = await counts(sound);
    for (const finder of ["query", "doctor"]) {
      const lake = copy();
      const [{path}] = partFiles(lake, "features").sort(
        (a, b) => readFileSync(b.path).length - readFileSync(a.path).length
      );
      const bytes = readFileSync(path);
      bytes.fill(0xff, 4, bytes.length >> 1);
      writeFileSync(path, bytes);
      expect(lakeDamage(lake)).toEqual([]);
      if (finder === "doctor") expect((await scanLake(lake)).damaged).toBe(1);
      else {
        const engine = await openLake(lake, {threads: 1});
        const {rows} = await engine.query("SELECT count(*), bit_xor(hash(f)) FROM features AS f");
        expect(Number(rows[0][0])).toBeLessThan(before.features);
        await engine.close();
      }
      expect(lakeDamage(lake)).toEqual([
        {table: "features", file: basename(path), problem: "has other bytes than were sealed"}
      ]);
    }
  });

  it("whose metadata are no metadata is found when the lake is opened", async () => {
    const before = await counts(sound);
    for (const {name: table} of tables) {
      const lake = copy();
      const [first] = partFiles(lake, table).sort((a, b) => (a.path < b.path ? -1 : 1));
      if (!first || table === "captures") continue;
      const bytes = readFileSync(first.path);
      const end = bytes.length - 8;
      bytes.fill(0xff, end - bytes.readUInt32LE(end), end);
      writeFileSync(first.path, bytes);
      const after = await counts(lake);
      expect([table, after[table]]).not.toEqual([table, before[table]]);
      expect(lakeDamage(lake)).toMatchObject([{table, file: basename(first.path)}]);
    }
  });

  it("whose columns are others than the table's, or whose metadata claim to be huge, is named and the rest answers", async () => {
    const before = await counts(sound);
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const lake = copy();
    const [first, second] = partFiles(lake, "flows");
    await connection.run(
      `COPY (SELECT * REPLACE ({'a': [src_ip]} AS src_ip, 'none' AS src_port), 1 AS "x""; DROP VIEW flows; --", 2 AS "../../etc/passwd"
       FROM read_parquet('${first.path}')) TO '${first.path}.new' (FORMAT parquet)`
    );
    renameSync(`${first.path}.new`, first.path);
    const after = await counts(lake);
    expect([after.captures, after.dns]).toEqual([before.captures, before.dns]);
    expect(after.flows).toBeLessThan(before.flows);
    expect(lakeDamage(lake)).toMatchObject([
      {
        table: "flows",
        problem: expect.stringMatching(/^has other columns than the table: src_ip is \w+, expected VARCHAR$/)
      }
    ]);
    truncateSync(second.path, 1e9);
    const file = openSync(second.path, "r+");
    writeSync(file, Buffer.concat([Buffer.from([0, 0, 0, 0x30]), Buffer.from("PAR1")]), 0, 8, 1e9 - 8);
    closeSync(file);
    expect((await counts(lake)).flows).toBe(0);
    expect(lakeDamage(lake)[1].problem).toBe("says that its metadata have 805306368 bytes, more than any of ours");
    connection.closeSync();
    instance.closeSync();
  });

  it("is repaired from the file of its capture, and one whose capture is gone is not", async () => {
    const before = await counts(sound);
    const lake = copy();
    const [small, large] = partFiles(lake, "flows").sort(
      (a, b) => readFileSync(a.path).length - readFileSync(b.path).length
    );
    for (const {path} of [small, large]) truncateSync(path, 100);
    const [verdicts] = partFiles(lake, "verdicts");
    truncateSync(verdicts.path, 0);
    rmSync(join(folder, "small.pcap"));
    const repairs = await repairLake(lake);
    expect(repairs.map(({file, done}) => [file, done]).sort()).toEqual(
      [
        [`verdicts/${basename(verdicts.path)}`, "set aside, to be derived again"],
        [`flows/${basename(large.path)}`, "its captures are imported again"],
        [`flows/${basename(small.path)}`, null]
      ].sort()
    );
    expect(repairs.find(({done}) => done === null)?.reason).toBe(
      `${join(folder, "small.pcap")} is not where it was, and the lake keeps no copy of it: import it again`
    );
    await classifyNewFlows(lake, {clock});
    const after = await counts(lake);
    expect([after.flows, after.dns, after.features, after.captures]).toEqual([
      before.flows - 1,
      before.dns,
      before.features,
      before.captures
    ]);
    expect(lakeDamage(lake).map(({file}) => file)).toEqual([basename(small.path)]);
    expect(readdirSync(join(lake, ".damaged/files")).length).toBe(2);
    // The verb that reads says so, with its code.
    expect(await main(["query", "SELECT count(*) FROM flows", "--lake", lake])).toBe(4);
  });

  it("whose rows in captures are gone is repaired by importing the capture again", async () => {
    const lake = copy();
    const [{path}] = partFiles(lake, "captures");
    rmSync(path);
    expect(lakeDamage(lake).map(({problem}) => problem)).toEqual(["is missing"]);
    const [capture] = readdirSync(demo).filter((name) => name.includes(".pcap"));
    await importCaptures([join(folder, capture)], {lake, clock});
    expect((await repairLake(lake)).map(({done}) => done)).toEqual(["its captures are imported again"]);
    expect(lakeDamage(lake)).toEqual([]);
    expect((await counts(lake)).flows).toBe((await counts(sound)).flows);
  });
});
