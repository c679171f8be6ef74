import nb, {type LogicalType, type Vector} from "@duckdb/node-bindings";
import type {ColumnType} from "../../schema/column.ts";
import {quoted} from "../../schema/ddl.ts";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";

/** DuckDB's unit of work: rows in one vector. */
export const vectorSize = 2048;

/** What a column gives a scan: one or several vectors and the SQL that makes the column of them. */
export interface BoundColumn {
  readonly names: readonly string[];
  readonly types: readonly LogicalType[];
  readonly select: string;
}

/**
 * The values of one column waiting to be written. DuckDB's vectors are filled by copying memory
 * (`copy_data_to_vector`), never value by value.
 */
export interface ColumnBuffer {
  /** Whether data of this form can follow what is buffered. */
  accepts(data: ColumnData | AddressColumn): boolean;
  append(data: ColumnData | AddressColumn, rows: number): void;
  /** Names, types and SQL of what `fill` gives; fixed until `clear`. */
  bind(): BoundColumn;
  /** Fills the vectors with rows `from` to `from + count` in the given order (null: as appended). */
  fill(vectors: readonly Vector[], from: number, count: number, order: Uint32Array | null): void;
  /** Value to sort by; NULL comes last. */
  key(row: number): number;
  /** Bytes of text held beside the fixed part of a row. */
  readonly textBytes: number;
  clear(): void;
}

/** The logical type that the binding knows for an SQL type. */
export function logicalType(type: ColumnType): LogicalType {
  return nb.create_logical_type(typeIds[type] as Parameters<typeof nb.create_logical_type>[0]);
}

/** duckdb_type of the C interface. */
const typeIds: Record<ColumnType, number> = {
  BOOLEAN: 1,
  SMALLINT: 3,
  INTEGER: 4,
  BIGINT: 5,
  FLOAT: 10,
  DOUBLE: 11,
  TIMESTAMP: 12,
  VARCHAR: 17
};

/** A column that is one vector, taken over as it is. */
export function plain(name: string, type: LogicalType): BoundColumn {
  return {names: [name], types: [type], select: quoted(name)};
}
