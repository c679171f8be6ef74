import type {ColumnData, RowBatch, TextColumn} from "../schema/rows.ts";
import {type TableName, table} from "../schema/tables.ts";
import type {FinishedFlows} from "./meter/meter.ts";

/**
 * A batch of finished flows as rows of `flows` or `features`: the meter's columns, copied out of its memory, with
 * those that are known otherwise (the capture, what dissection found).
 */
export function flowRows(name: TableName, flows: FinishedFlows, known: Readonly<Record<string, ColumnData>>): RowBatch {
  const columns = table(name).columns.map((column) =>
    Object.hasOwn(known, column.name)
      ? copied(known[column.name], flows.rows)
      : copied(flows.column(column.name), flows.rows)
  );
  return {table: name, rows: flows.rows, columns};
}

/** A text that is the same in all rows. */
export function constantText(text: string, rows: number): TextColumn {
  return {codes: new Int32Array(rows), values: [text]};
}

function copied(data: ColumnData, rows: number): ColumnData {
  if ("codes" in data) return {codes: data.codes.slice(0, rows), values: data.values};
  if ("width" in data) return {width: data.width, bytes: data.bytes.slice(0, rows * data.width)};
  return data.slice(0, rows);
}
