import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it, vi} from "vitest";
import {decompressor} from "../../../capture/partitions/encoder/zstd.ts";
import type {FloatColumn} from "../../../capture/partitions/reader/columns.ts";
import {ParquetReader} from "../../../capture/partitions/reader/parquet-reader.ts";
import {writeTable} from "../../../capture/partitions/write-table.ts";
import {type TableName, table} from "../../../schema/tables.ts";
import {randomBatch, randomFrom} from "./random-batches.ts";
import {read} from "./read.ts";

const seed = Number(process.env.SEED ?? 20261129);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-reader-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function written(name: TableName, rows: number): Promise<string> {
  const batch = randomBatch(table(name), rows, randomFrom(seed));
  return writeTable(join(folder, "lake"), name, [batch], `p${rows}.${name}.parquet`, {}, 1_790_000_000_000);
}

/** Every column of a file as the reader has it, row groups put together. Text codes become texts, NULL is null or its number. */
async function columnsOf(
  path: string,
  name: TableName,
  Reader: Pick<typeof ParquetReader, "open"> = ParquetReader
): Promise<Record<string, unknown[]>> {
  const reader = await Reader.open(path);
  try {
    const groups = [...reader.footer.groups.keys()];
    const rows = reader.footer.groups.map((group) => group.rows);
    return Object.fromEntries(
      table(name)
        .columns.filter(({type, name}) => type !== "BOOLEAN" && name !== "community_id")
        .map((column) => [
          column.name,
          groups.flatMap((group): unknown[] => {
            if (column.name === "flow_id") return [...reader.identifiers(group, column.name)];
            if (column.type === "FLOAT") return someAtATime(reader.floats(group, column.name), rows[group]);
            if (column.type !== "VARCHAR") return [...reader.doubles(group, column.name)];
            const {codes, values} = reader.texts(group, column.name);
            return Array.from(codes, (code) => (code < 0 ? null : values[code]));
          })
        ])
    );
  } finally {
    reader.close();
  }
}

/** Rows in pieces of 1 to 250. */
function someAtATime(column: FloatColumn, rows: number): number[] {
  const values: number[] = [];
  for (let count = 1; values.length < rows; count = (count * 3) % 251) {
    const out = new Float32Array(Math.min(count, rows - values.length));
    column.read(out, out.length);
    values.push(...out);
  }
  return values;
}

/** The same as DuckDB reads it. */
async function expectedOf(path: string, columns: readonly string[], name: TableName) {
  const types = new Map(table(name).columns.map((column) => [column.name, column.type]));
  const list = columns.map((column) =>
    types.get(column) === "TIMESTAMP"
      ? `CAST(epoch_us("${column}") AS DOUBLE)`
      : types.get(column) === "VARCHAR" || column === "flow_id"
        ? `"${column}"`
        : `CAST("${column}" AS DOUBLE)`
  );
  const rows = await read(`SELECT ${list} FROM read_parquet('${path}')`);
  const isText = (column: string) => types.get(column) === "VARCHAR";
  return Object.fromEntries(
    columns.map((column, k) => [column, rows.map((row) => row[k] ?? (isText(column) ? null : Number.NaN))])
  );
}

for (const name of ["flows", "features", "verdicts"] as const)
  for (const writer of ["own", "DuckDB"] as const)
    it(`columns of ${name} that ${writer === "own" ? "our encoder" : "DuckDB"} wrote are read as DuckDB reads them (SEED=${seed})`, async () => {
      let path = await written(name, 5003);
      if (writer === "DuckDB") {
        const own = path;
        path = join(folder, `${name}.parquet`);
        await read(
          `COPY (SELECT * FROM read_parquet('${own}')) TO '${path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)`
        );
      }
      const found = await columnsOf(path, name);
      expect(Object.keys(found).length).toBeGreaterThan(10);
      expect(found).toEqual(await expectedOf(path, Object.keys(found), name));
    });

it("says which file and column it cannot read: without the column, cut short, no Parquet file", async () => {
  const path = await written("verdicts", 300);
  const reader = await ParquetReader.open(path);
  expect(() => reader.floats(0, "p_nothing")).toThrow(`${path}: p_nothing: is missing`);
  expect(() => reader.floats(0, "label")).toThrow("label: numbers of type 6");
  reader.close();
  const cut = join(folder, "cut.parquet");
  writeFileSync(cut, readFileSync(path).subarray(0, 200));
  await expect(ParquetReader.open(cut)).rejects.toThrow("cut.parquet: footer: not a Parquet file");
});

it(`a file with changed bytes is refused or read in its length, and ends (SEED=${seed})`, async () => {
  const path = await written("verdicts", 700);
  const bytes = readFileSync(path);
  const random = randomFrom(seed);
  const damaged = join(folder, "damaged.parquet");
  copyFileSync(path, damaged);
  let refused = 0;
  for (let k = 0; k < 300; k++) {
    const changed = Buffer.from(bytes);
    for (let n = 0; n < 3; n++) changed[Math.floor(random() * (changed.length - 8))] = Math.floor(random() * 256);
    writeFileSync(damaged, changed);
    try {
      for (const values of Object.values(await columnsOf(damaged, "verdicts"))) expect(values.length % 700).toBe(0);
    } catch (error) {
      expect((error as Error).message).toContain("damaged.parquet: ");
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(50);
});

it("reads pages alike that are unpacked into memory with others around them, as Node's own zstd gives them", async () => {
  const zstd = "../../../capture/partitions/encoder/zstd.ts";
  const decompress = await decompressor();
  vi.resetModules();
  vi.doMock(zstd, () => ({
    decompressor: async () => (bytes: Uint8Array, length: number) => {
      const around = Buffer.alloc(length + 24, 0xff);
      around.set(decompress(bytes, length), 16);
      return around.subarray(16, 16 + length);
    }
  }));
  try {
    const {ParquetReader: Reader} = await import("../../../capture/partitions/reader/parquet-reader.ts");
    for (const name of ["flows", "features"] as const) {
      const path = await written(name, 3001);
      expect(await columnsOf(path, name, Reader)).toEqual(await columnsOf(path, name));
    }
  } finally {
    vi.doUnmock(zstd);
    vi.resetModules();
  }
});
