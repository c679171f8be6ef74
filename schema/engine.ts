/** Where the lake is queried: DuckDB here, a distributed engine by the same interface. */

export type Value = string | number | bigint | boolean | null;

export interface ResultColumn {
  readonly name: string;
  /** SQL type as the engine names it. */
  readonly type: string;
}

export interface Result {
  readonly columns: readonly ResultColumn[];
  /** Rows as arrays in column order; timestamps are µs since 1970 as bigint. */
  readonly rows: readonly (readonly Value[])[];
}

/** SQL that DuckDB and Trino spell differently; loaders use these and the portable rest. */
export interface Dialect {
  readonly name: string;
  /** Start of the bucket of `widthUs` that a TIMESTAMP falls in. */
  bucket(timestamp: string, widthUs: number): string;
  approxQuantile(expression: string, q: number): string;
  /** Floating-point quotient; NULL where the divisor is 0. */
  ratio(dividend: string, divisor: string): string;
  epochMs(timestamp: string): string;
}

/** A streamed result: its columns, then its rows in batches, never all in memory. */
export interface ResultStream {
  readonly columns: readonly ResultColumn[];
  readonly batches: AsyncIterable<readonly (readonly Value[])[]>;
}

export interface QueryEngine {
  readonly dialect: Dialect;
  /** Runs one statement over the lake's tables and views; `?` parameters are bound in order. */
  query(sql: string, parameters?: readonly Value[]): Promise<Result>;
  close(): Promise<void>;
}
