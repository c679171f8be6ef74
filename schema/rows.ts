/** Rows on their way to the lake, a column at a time: what the meter and the dissectors hand to the writer. */

/** Texts by code: few distinct values are stored once. A code of -1 is NULL. */
export interface TextColumn {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/**
 * One column of a batch. Numbers, booleans (0/1) and timestamps (µs since 1970) come as Float64Array with NaN for
 * NULL; 64-bit identifiers as BigInt64Array; texts by code.
 */
export type ColumnData = Float64Array | Float32Array | BigInt64Array | TextColumn;

/** A batch of rows for one table of the lake; `columns` are in the order of that table's list of columns. */
export interface RowBatch {
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly ColumnData[];
}
