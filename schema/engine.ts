/** Where the lake is queried: by DuckDB on this machine, or by a distributed engine (`loaders/engines/`). */

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

/** What the questions of pages need that engines spell differently; pages make their SQL in the browser, too. */
export interface Spelling {
  /** A TIMESTAMP as µs since 1970 (BIGINT). */
  epochUs(timestamp: string): string;
  /**
   * A subquery: each row of a table once for every position of the lists, which are equally long, with their elements
   * there as columns of the lists' names. A row whose lists are NULL or empty is in it not at all.
   */
  eachOf(table: string, lists: Readonly<Record<string, string>>): string;
  /** A list of the whole numbers from the first to the last; empty or NULL where there are none. */
  series(first: string, last: string): string;
  /** Numbers apart by commas as a list of BIGINT, counted from 1. */
  numbers(text: string): string;
  /** The sum of a list of BIGINT. */
  sumOf(list: string): string;
  /** The sum of what `term` makes (DOUBLE) of each three elements at the same position of three lists, which are made once. */
  sumOver(lists: readonly [string, string, string], term: (a: string, b: string, c: string) => string): string;
  /** What stands behind the AS of a WITH that is used twice, so that it is made once; nothing where there is no word for it. */
  readonly madeOnce: string;
  /** The quotient of two BIGINT without its fraction. */
  wholeQuotient(dividend: string, divisor: string): string;
  /** An address as the text that orders addresses as numbers (`src/lib/address-key.ts`). */
  addressKey(address: string): string;
}

/**
 * SQL that DuckDB and Trino spell differently. Rules, questions and loaders over a {@link QueryEngine} use these and the
 * rest that both have; `test/loaders/engines/portable.test.ts` reads their statements in Trino's dialect.
 */
export interface Dialect extends Spelling {
  readonly name: string;
  /** Start of the bucket of `widthUs` that a TIMESTAMP falls in. */
  bucket(timestamp: string, widthUs: number): string;
  /** The least value that a share of `q` of the values does not exceed, exactly; NULLs are left out. */
  quantile(expression: string, q: number): string;
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
