import {writeFileSync} from "node:fs";
import type {Writable} from "node:stream";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import type {PageData} from "./page-data.ts";

/**
 * Writes page data as JSON, a list of objects, from the lake that `FLOWBOOK_LAKE` names (`data/lake` without it), and the
 * tables it read to the file that `FLOWBOOK_READS` names: for tables of a few rows. Larger ones are packed by columns.
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
