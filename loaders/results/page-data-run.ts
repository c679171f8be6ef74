import {createReadStream, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Writable} from "node:stream";
import {pipeline} from "node:stream/promises";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import type {PageData} from "./page-data.ts";

/**
 * Writes page data as JSON, a list of objects, as {@link writePageData} does: for tables of a few rows, since a page has to
 * load a decoder of Parquet that is larger than all it draws with.
 */
export async function writePageRows(data: PageData, output: Writable = process.stdout): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(data.reads));
  const engine = await openLake(lake, {timeoutMs: 240_000, hasRollups: false});
  try {
    const {columns, rows} = await engine.query(data.sql(await currentModel(engine)));
    const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
    output.write(
      JSON.stringify(rows.map((row) => Object.fromEntries(row.map((value, k) => [columns[k].name, plain(value)]))))
    );
  } finally {
    await engine.close();
  }
}

/**
 * Writes page data as Parquet to a stream, from the lake that `FLOWBOOK_LAKE` names (`data/lake` without it), and the
 * tables it read to the file that `FLOWBOOK_READS` names.
 */
export async function writePageData(data: PageData, output: Writable = process.stdout): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(data.reads));
  const folder = mkdtempSync(join(tmpdir(), "flowbook-page-data-"));
  try {
    const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 240_000, hasRollups: false});
    try {
      await engine.copyToParquet(data.sql(await currentModel(engine)), join(folder, "data.parquet"));
    } finally {
      await engine.close();
    }
    await pipeline(createReadStream(join(folder, "data.parquet")), output, {end: false});
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
