import {statSync} from "node:fs";
import {join} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {onePerCapture} from "../capture/partitions/captures-sum.ts";
import {type PartFile, partFiles, partOf, sealedParts} from "../capture/partitions/layout.ts";
import {cicViews} from "../schema/cicflowmeter-view.ts";
import {columnList, emptyQuery, literal, quoted} from "../schema/ddl.ts";
import {type TableName, table, tables} from "../schema/tables.ts";

/** Captures that a later run imported again: part → hashes of the captures whose rows in it no longer count. */
type Superseded = ReadonlyMap<string, readonly string[]>;

/**
 * Statements that make a view per table over the sealed parts: typed and empty where there are none, without the
 * rows of captures that were imported again later. After them the views over these tables.
 */
export async function lakeViews(connection: DuckDBConnection, lake: string): Promise<string[]> {
  const sealed = sealedParts(lake);
  const captures = partFiles(lake, "captures", sealed);
  const superseded = await supersededCaptures(connection, captures);
  const shown = tables.map(({name}) => {
    const files = name === "captures" ? captures : partFiles(lake, name, sealed);
    const rows = rowsOf(name, files, superseded);
    return `CREATE OR REPLACE VIEW ${quoted(name)} AS ${name === "captures" && files.length > 0 ? onePerCapture(rows) : rows}`;
  });
  return [...shown, ...cicViews.map(({name, sql}) => `CREATE OR REPLACE VIEW ${quoted(name)} AS ${sql}`)];
}

/** Changes when a table gains or loses files; cheap enough to ask before every answer. */
export function lakeState(lake: string): string {
  return tables
    .map(({name}) => statSync(join(lake, name), {throwIfNoEntry: false, bigint: true})?.mtimeNs ?? 0n)
    .join(" ");
}

function rowsOf(name: TableName, files: readonly PartFile[], superseded: Superseded): string {
  const whole = files.filter(({part}) => !superseded.has(part));
  const partly = files.filter(({part}) => superseded.has(part));
  const columns = columnList(table(name).columns);
  const queries = [
    ...(whole.length > 0 ? [`SELECT ${columns} FROM ${scan(whole, name)}`] : []),
    ...partly.map((file) => {
      const hashes = superseded.get(file.part)!.map(literal).join(", ");
      return `SELECT ${columns} FROM ${scan([file], name)} WHERE capture_sha256 NOT IN (${hashes})`;
    })
  ];
  return queries.length > 0 ? queries.join(" UNION ALL ") : emptyQuery(table(name));
}

/** Of `captures`, columns that came with later versions are NULL in older files. */
function scan(files: readonly PartFile[], name: TableName): string {
  const paths = files.map(({path}) => literal(path)).join(", ");
  if (name !== "captures") return `read_parquet([${paths}], hive_partitioning = false)`;
  return `(${emptyQuery(table(name))} UNION ALL BY NAME SELECT * FROM read_parquet([${paths}], hive_partitioning = false, union_by_name = true))`;
}

/** The parts of one run add up; a capture of several runs is what the last of them sealed. */
async function supersededCaptures(connection: DuckDBConnection, files: readonly PartFile[]): Promise<Superseded> {
  if (files.length < 2) return new Map();
  const paths = files.map(({path}) => literal(path)).join(", ");
  const result = await connection.run(
    `SELECT DISTINCT capture_sha256, parse_filename(filename) FROM read_parquet([${paths}], filename = true, hive_partitioning = false)`
  );
  const rows = (await result.getRows()).map(([hash, file]) => ({hash: String(hash), part: partOf(String(file))}));
  const last = new Map<string, string>();
  for (const {hash, part} of rows) if (runOf(part) > (last.get(hash) ?? "")) last.set(hash, runOf(part));
  const superseded = new Map<string, string[]>();
  for (const {hash, part} of rows)
    if (runOf(part) !== last.get(hash)) superseded.set(part, [...(superseded.get(part) ?? []), hash]);
  return superseded;
}

/** A part is named `<run>-<number>`. */
function runOf(part: string): string {
  return part.slice(0, part.lastIndexOf("-"));
}
