import {createReadStream, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Writable} from "node:stream";
import {pipeline} from "node:stream/promises";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import type {PageData} from "./page-data.ts";

/**
 * Writes page data as Parquet to a stream, from the lake that `FLOWBOOK_LAKE` names (`data/lake` without it), and the
 * tables it read to the file that `FLOWBOOK_READS` names.
 */
export async function writePageData(data: PageData, output: Writable = process.stdout): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(data.reads));
  const folder = mkdtempSync(join(tmpdir(), "flowbook-page-data-"));
  try {
    const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 240_000});
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
