import type {Column, Table} from "./column.ts";

/** DuckDB's `CREATE TABLE` of a lake table; NOT NULL where a column cannot be unknown. */
export function createTable(table: Table): string {
  const lines = table.columns.map((column) => `  ${quoted(column.name)} ${column.type}${column.nullable ? "" : " NOT NULL"}`);
  return `CREATE TABLE ${quoted(table.name)} (\n${lines.join(",\n")}\n)`;
}

/** A query with the table's columns and types and without rows: what a view shows before anything was imported. */
export function emptyQuery(table: Table): string {
  return `SELECT ${table.columns.map((column) => `CAST(NULL AS ${column.type}) AS ${quoted(column.name)}`).join(", ")} WHERE 1 = 0`;
}

/** The names of the columns in file order, ready for a SELECT. */
export function columnList(columns: readonly Column[]): string {
  return columns.map((column) => quoted(column.name)).join(", ");
}

/** An identifier in double quotes, as the SQL standard has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The option of COPY that writes key-value pairs into a Parquet file, after a comma; empty without any. */
export function keyValueMetadata(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${literal(key)}: ${literal(value)}`);
  return pairs.length > 0 ? `, KV_METADATA {${pairs.join(", ")}}` : "";
}
