import type {DuckDBConnection, DuckDBValue} from "@duckdb/node-api";
import {type CaptureRow, captureColumns} from "../../schema/captures.ts";
import type {Column} from "../../schema/column.ts";
import {columnList, emptyQuery, literal} from "../../schema/ddl.ts";
import {table} from "../../schema/tables.ts";
import {partFiles} from "./layout.ts";

/**
 * The captures of a lake, one row each: of one imported again, the row that was sealed last. `connect` opens the engine,
 * which an empty lake does not need.
 */
export async function knownCaptures(connect: () => Promise<DuckDBConnection>, lake: string): Promise<CaptureRow[]> {
  const files = partFiles(lake, "captures");
  if (files.length === 0) return [];
  const paths = files.map((file) => literal(file.path)).join(", ");
  const connection = await connect();
  const result = await connection.run(
    `SELECT ${columnList(captureColumns)} FROM (${emptyQuery(table("captures"))} UNION ALL BY NAME
       SELECT * FROM read_parquet([${paths}], filename = true, hive_partitioning = false, union_by_name = true))
     QUALIFY row_number() OVER (PARTITION BY capture_sha256 ORDER BY filename DESC) = 1`
  );
  return (await result.getRows()).map(
    (row) =>
      Object.fromEntries(captureColumns.map((column, k) => [column.name, plainValue(column, row[k])])) as CaptureRow
  );
}

function plainValue(column: Column, value: DuckDBValue): unknown {
  if (value === null) return null;
  return column.type === "TIMESTAMP" ? Number((value as {micros: bigint}).micros) : value;
}
