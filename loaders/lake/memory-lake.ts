import {type DuckDBConnection, DuckDBTimestampValue} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import type {Column} from "../../schema/column.ts";
import {credentialsView} from "../../schema/credentials-view.ts";
import {createTable} from "../../schema/ddl.ts";
import type {QueryEngine, Value} from "../../schema/engine.ts";
import {type TableName, tables} from "../../schema/tables.ts";
import {flowIncidentsView, verdictRows, verdictView} from "../../schema/verdicts.ts";
import {duckdbDialect} from "../engines/duckdb-dialect.ts";
import {chunkRows} from "./duckdb-values.ts";

/** Row objects by table; a missing value is NULL, a TIMESTAMP is µs since 1970. */
export type MemoryRows = {readonly [T in TableName]?: readonly Readonly<Record<string, unknown>>[]};

/** A lake of a few rows in memory, with all tables. Throws where a value that cannot be unknown is missing. */
export async function memoryLake(rows: MemoryRows): Promise<QueryEngine> {
  const instance = await openEngine("1GB", "", false);
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const table of tables) {
    const name = table.name === "verdicts" ? verdictRows : table.name;
    await connection.run(createTable({...table, name}));
    await append(connection, name, table.columns, rows[table.name] ?? []);
  }
  for (const {name, sql} of [flowIncidentsView, verdictView, credentialsView])
    await connection.run(`CREATE VIEW ${name} AS ${sql}`);
  return {
    dialect: duckdbDialect,
    async query(sql, parameters: readonly Value[] = []) {
      const result = await connection.run(sql, [...parameters]);
      const names = result.columnNames();
      const columns = result.columnTypes().map((type, k) => ({name: names[k], type: String(type)}));
      return {columns, rows: (await result.fetchAllChunks()).flatMap(chunkRows)};
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    }
  };
}

async function append(
  connection: DuckDBConnection,
  name: string,
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, unknown>>[]
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(name);
  for (const row of rows) {
    for (const column of columns) {
      const value = row[column.name];
      if (value === null || value === undefined) appender.appendNull();
      else if (column.type === "VARCHAR") appender.appendVarchar(String(value));
      else if (column.type === "BOOLEAN") appender.appendBoolean(value === true);
      else if (column.type === "BIGINT") appender.appendBigInt(BigInt(value as number | bigint));
      else if (column.type === "TIMESTAMP") appender.appendTimestamp(new DuckDBTimestampValue(BigInt(value as number)));
      else if (column.type === "INTEGER") appender.appendInteger(Number(value));
      else if (column.type === "SMALLINT") appender.appendSmallInt(Number(value));
      else if (column.type === "FLOAT") appender.appendFloat(Number(value));
      else appender.appendDouble(Number(value));
    }
    appender.endRow();
  }
  appender.closeSync();
}
