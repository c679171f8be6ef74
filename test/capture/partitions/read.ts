import {DuckDBInstance, type DuckDBValue} from "@duckdb/node-api";

/** Rows of a query in a database of its own. */
export async function read(sql: string): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  instance.closeSync();
  return rows;
}
