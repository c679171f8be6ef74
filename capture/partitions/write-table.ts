import {join} from "node:path";
import type {RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import {makeFolder, publish, syncFolder} from "./durable.ts";
import {ParquetWriter} from "./parquet.ts";
import {closeRun, openRun} from "./run.ts";
import {TableBuffer} from "./table-buffer.ts";

/**
 * Writes one file of a table in this thread, whole or not at all: `LAKE/<name>/<fileName>`. `fileName` must begin with
 * the name of the sealed part it belongs to and a dot (`<part>.<model hash>.parquet`), or readers do not see it; a
 * file of that name is replaced. Without rows an empty file is written. `nowMs`: wall clock.
 */
export async function writeTable(
  lake: string,
  name: TableName,
  batches: readonly RowBatch[],
  fileName: string,
  metadata: Readonly<Record<string, string>>,
  nowMs: number
): Promise<string> {
  makeFolder(lake);
  const buffer = new TableBuffer(table(name));
  const run = openRun(lake, nowMs);
  const writer = await ParquetWriter.open();
  try {
    for (const batch of batches) buffer.append(batch);
    const [from, to] = [join(run.folder, fileName), join(lake, name, fileName)];
    await writer.write(buffer, from, metadata);
    publish(from, to);
    syncFolder(join(lake, name));
    return to;
  } finally {
    writer.close();
    closeRun(run);
  }
}
