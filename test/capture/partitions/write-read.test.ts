import {mkdtempSync, readdirSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {DuckDBValue} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {partFiles, sealedParts} from "../../../capture/partitions/layout.ts";
import {writeTable} from "../../../capture/partitions/write-table.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {type TableName, table, tables} from "../../../schema/tables.ts";
import {cell, randomBatch, randomFrom} from "./random-batches.ts";
import {read} from "./read.ts";

const seed = Number(process.env.SEED ?? 20261121);
const clock = () => 1_790_000_000_000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-partitions-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function plain(value: DuckDBValue): unknown {
  if (typeof value === "boolean") return Number(value);
  return value !== null && typeof value === "object" && "micros" in value ? Number(value.micros) : value;
}

describe(`rows written and read back (SEED=${seed})`, () => {
  for (const {name} of tables.filter((t) => t.name !== "captures"))
    it(`${name}: every value comes back, NULL as NULL`, async () => {
      const random = randomFrom(seed);
      const lake = join(folder, name);
      const batches = [1, 2047, 2048, 2049, 700].map((rows) => randomBatch(table(name), rows, random));
      const expected = batches.flatMap((batch) =>
        Array.from({length: batch.rows}, (_, i) => batch.columns.map((data) => cell(data, i)))
      );
      const writer = openLakeWriter(lake, clock());
      for (const batch of batches) writer.write(batch);
      await writer.seal([{capture_sha256: "c", path: "p"} as never]);
      await writer.close();
      const paths = partFiles(lake, name).map((file) => `'${file.path}'`);
      const found = await read(`SELECT ${table(name).columns.map((c) => c.name)} FROM read_parquet([${paths}])`);
      const shown = (rows: unknown[][]) =>
        rows.map((row) => row.map((v) => (typeof v === "bigint" || typeof v === "number" ? String(v) : v)));
      const byId = (a: unknown[], b: unknown[]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      expect(shown(found.map((row) => row.map(plain))).sort(byId)).toEqual(shown(expected).sort(byId));
    });

  it("each file is sorted by its table's columns, in one row group of at most 81,920", async () => {
    const random = randomFrom(seed + 1);
    const lake = join(folder, "sorted");
    const writer = openLakeWriter(lake, clock());
    for (let k = 0; k < 65; k++) {
      writer.write(randomBatch(table("dns"), 4096, random));
      await writer.ready();
    }
    await writer.seal([{capture_sha256: "c", path: "p"} as never]);
    await writer.close();
    const files = partFiles(lake, "dns");
    const rows: number[] = [];
    for (const {path} of files) {
      const [[unsorted]] = await read(
        `SELECT count(*) FROM (SELECT ts, lag(ts) OVER (ORDER BY file_row_number) AS before FROM read_parquet('${path}', file_row_number = true)) WHERE ts < before`
      );
      expect(unsorted).toBe(0n);
      const groups = await read(`SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}')`);
      expect(groups.length).toBe(1);
      rows.push(Number(groups[0][1]));
    }
    expect(rows.sort((a, b) => b - a)).toEqual([81_920, 81_920, 81_920, 20_480]);
  });
});

describe("a part", () => {
  it("is not visible before its seal, whole after it, and carries its metadata", async () => {
    const lake = join(folder, "seal");
    const writer = openLakeWriter(lake, clock());
    writer.describe({"flowbook.schema_version": "1", "flowbook.note": "it's"});
    writer.capture("c", null);
    writer.write(randomBatch(table("dns"), 10, randomFrom(seed)));
    expect(sealedParts(lake)).toEqual([]);
    writer.capture("c", {malformed: 3});
    const part = await writer.seal([{capture_sha256: "c", path: "p", packets: 12n} as never]);
    expect(sealedParts(lake)).toEqual([part]);
    const [file] = partFiles(lake, "dns");
    const pairs = await read(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file.path}') ORDER BY 1`);
    expect(pairs).toEqual([
      ["flowbook.captures", '{"c":{"malformed":3}}'],
      ["flowbook.note", "it's"],
      ["flowbook.schema_version", "1"]
    ]);
    expect((await writer.known()).map(({capture_sha256, packets}) => ({capture_sha256, packets}))).toEqual([
      {capture_sha256: "c", packets: 12n}
    ]);
    await writer.close();
  });

  it("forgets what was discarded", async () => {
    const lake = join(folder, "discard");
    const writer = openLakeWriter(lake, clock());
    writer.write(randomBatch(table("dns"), 10, randomFrom(seed)));
    await writer.discard();
    await writer.seal([{capture_sha256: "c", path: "p"} as never]);
    await writer.close();
    expect(partFiles(lake, "dns")).toEqual([]);
  });

  it("is readable by its owner alone", async () => {
    const lake = join(folder, "seal");
    const modes = readdirSync(lake, {recursive: true, withFileTypes: true}).map((entry) => {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      return `${entry.isDirectory() ? "folder" : "file"} ${mode.toString(8)}`;
    });
    expect([...new Set(modes)].sort()).toEqual(["file 600", "folder 700"]);
    expect(statSync(lake).mode & 0o777).toBe(0o700);
  });

  it("takes further files of its own name by writeTable, also without rows", async () => {
    const lake = join(folder, "seal");
    const [part] = sealedParts(lake);
    await writeTable(lake, "verdicts" as TableName, [], `${part}.abc.parquet`, {model: "abc"}, clock());
    await writeTable(lake, "verdicts" as TableName, [], "other.abc.parquet", {model: "abc"}, clock());
    expect(partFiles(lake, "verdicts").map((file) => file.part)).toEqual([part]);
    expect(await read(`SELECT count(*) FROM '${partFiles(lake, "verdicts")[0].path}'`)).toEqual([[0n]]);
  });

  it("of a batch without the table's columns is refused, naming table and numbers", async () => {
    const writer = openLakeWriter(join(folder, "wrong"), clock());
    writer.write({table: "ssh", rows: 1, columns: []});
    await expect(writer.seal([])).rejects.toThrow("table ssh: expected 11 columns, found 0");
    await writer.close();
  });
});
