/**
 * What a column of a lake table is. The lists of columns are the one source for the TypeScript row types, the
 * DDL, the Arrow schema, `docs/columns.md` and the order of a model's features.
 */

/** The SQL types in use: those that DuckDB, Parquet and Trino all have; Trino calls FLOAT `REAL`. */
export type ColumnType = "BIGINT" | "INTEGER" | "SMALLINT" | "DOUBLE" | "FLOAT" | "BOOLEAN" | "VARCHAR" | "TIMESTAMP";

export interface Column {
  /** snake_case; a unit is its last word. */
  readonly name: string;
  readonly type: ColumnType;
  /** Unit of the value, where the name alone does not say it (`µs`, `bytes`, `packets`). */
  readonly unit?: string;
  /** One sentence: what the column contains, and what NULL means where it may be NULL. */
  readonly doc: string;
  /** Where the definition comes from (`Zeek conn.log`, `RFC 9293 §3.10.7`). */
  readonly source?: string;
  /** True where NULL (unknown) may occur; 0 always means zero. */
  readonly nullable?: boolean;
}

/** A table of the lake: its columns in file order and the columns its files are sorted by. */
export interface Table {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly Column[];
  /** Columns that the table's view adds to those of the files. */
  readonly derived?: readonly Column[];
  readonly sortBy: readonly string[];
}

type Value<T extends ColumnType> = T extends "BIGINT" ? bigint : T extends "VARCHAR" ? string : T extends "BOOLEAN" ? boolean : number;

/** The TypeScript row of a list of columns; a TIMESTAMP is a number of µs since 1970 (UTC). */
export type Row<C extends readonly Column[]> = {
  [K in C[number] as K["name"]]: K["nullable"] extends true ? Value<K["type"]> | null : Value<K["type"]>;
};
