import {createHash} from "node:crypto";
import {createReadStream} from "node:fs";
import {basename} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {markDamaged} from "../../capture/partitions/damage.ts";
import {openEngine} from "../../capture/partitions/engine.ts";
import {partFiles} from "../../capture/partitions/layout.ts";
import {sealedFiles} from "../../capture/partitions/lost-files.ts";
import {literal} from "../../schema/ddl.ts";
import {type TableName, table, tables} from "../../schema/tables.ts";
import {verdictRows} from "../../schema/verdicts.ts";

export interface Scan {
  /** Files that were read from end to end. */
  readonly files: number;
  /** Those that turned out to be damaged inside: readers leave them out from now on. */
  readonly damaged: number;
}

/**
 * Reads every file of a lake that readers see, and marks those that are damaged inside: other bytes than were sealed, or,
 * where nobody knows what was, such that the engine cannot read them.
 */
export async function scanLake(lake: string): Promise<Scan> {
  const sealed = new Map(
    partFiles(lake, "captures").flatMap(({path}) =>
      sealedFiles(path).map((file) => [`${file.table}/${file.file}`, file.sha256] as const)
    )
  );
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  let files = 0;
  let damaged = 0;
  try {
    for (const {name} of tables)
      for (const {path} of partFiles(lake, name)) {
        files++;
        const file = basename(path);
        const problem =
          (await otherTypes(path, name, connection)) ??
          (await problemOf(path, sealed.get(`${name}/${file}`), connection));
        if (problem === null) continue;
        damaged++;
        markDamaged(lake, {table: name, file, problem});
      }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return {files, damaged};
}

/**
 * The first column whose kind is not its table's, in words; null where there is none, or the file says nothing. Numbers of
 * another width pass: earlier versions may have written them. Views over such a file fail, and with them every question.
 */
async function otherTypes(path: string, name: TableName, connection: DuckDBConnection): Promise<string | null> {
  const kinds = new Map(table(name).columns.map((column) => [column.name, column.type]));
  try {
    const found = await connection.run(
      `SELECT name, coalesce(duckdb_type, 'nested') FROM parquet_schema(${literal(path)}) WHERE column_id > 0`
    );
    for (const [column, type] of (await found.getRows()).map((row) => row.map(String))) {
      const wanted = kinds.get(column);
      if (wanted !== undefined && kindOf(type) !== kindOf(wanted))
        return `has other columns than the table: ${column} is ${type}, expected ${wanted}`;
    }
  } catch {
    // That it cannot be read is told by reading it.
  }
  return null;
}

/** A view of a table has columns of another kind: a file of it has them, since views tell the kinds of the first file. */
export class OtherColumns extends Error {}

/** Throws {@link OtherColumns} where a view of a table does not have the table's kinds of columns. */
export async function checkColumns(connection: DuckDBConnection): Promise<void> {
  const wanted = new Map<string, string>(
    tables.flatMap(({name, columns}) =>
      columns.map((column) => [`${name === "verdicts" ? verdictRows : name} ${column.name}`, column.type] as const)
    )
  );
  const found = await connection.run(
    "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"
  );
  for (const [view, column, type] of (await found.getRows()).map((row) => row.map(String))) {
    const expected = wanted.get(`${view} ${column}`);
    if (expected !== undefined && kindOf(type) !== kindOf(expected))
      throw new OtherColumns(`${view}: ${column} is ${type}, expected ${expected}`);
  }
}

const kindOf = (type: string) =>
  /^\w*(?:INT|FLOAT|DOUBLE|DECIMAL)/.test(type) && !type.endsWith("]")
    ? "number"
    : type.replace(/ WITH TIME ZONE$/, "");

async function problemOf(
  path: string,
  sha256: string | undefined,
  connection: DuckDBConnection
): Promise<string | null> {
  try {
    if (sha256 !== undefined) return (await hashOf(path)) === sha256 ? null : "has other bytes than were sealed";
    await connection.run(`SELECT bit_xor(hash(t)) FROM read_parquet(${literal(path)}, hive_partitioning = false) AS t`);
    return null;
  } catch (error) {
    return `cannot be read: ${(error as Error).message.split("\n")[0]}`;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20})) hash.update(chunk);
  return hash.digest("hex");
}
