import type {Column, Table} from "../../schema/column.ts";
import type {ColumnData, RowBatch} from "../../schema/rows.ts";

/** Row objects as a batch of columns; for tables of few rows. A missing value or null is NULL. */
export function rowsToBatch(table: Table, rows: readonly Readonly<Record<string, unknown>>[]): RowBatch {
  return {table: table.name, rows: rows.length, columns: table.columns.map((column) => columnOf(column, rows))};
}

function columnOf({name, type}: Column, rows: readonly Readonly<Record<string, unknown>>[]): ColumnData {
  if (type === "VARCHAR") {
    const codeOf = new Map<string, number>();
    const codes = Int32Array.from(rows, (row) => {
      const value = row[name];
      if (value === null || value === undefined) return -1;
      const text = String(value);
      if (!codeOf.has(text)) codeOf.set(text, codeOf.size);
      return codeOf.get(text)!;
    });
    return {codes, values: [...codeOf.keys()]};
  }
  if (type === "BIGINT" && rows.every((row) => typeof row[name] === "bigint"))
    return BigInt64Array.from(rows, (row) => row[name] as bigint);
  return Float64Array.from(rows, (row) => {
    const value = row[name];
    return value === null || value === undefined ? Number.NaN : Number(value);
  });
}
