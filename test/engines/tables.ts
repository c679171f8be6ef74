import {mkdirSync} from "node:fs";
import {createServer} from "node:net";
import {join} from "node:path";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import {credentialsView} from "../../schema/credentials-view.ts";
import {quoted} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {lossView} from "../../schema/loss-view.ts";
import {besideRollups, columnsOfRollup, rollups, rollupView} from "../../schema/rollups.ts";
import {table, tables} from "../../schema/tables.ts";
import {flowIncidentsView, verdictRows, verdictView} from "../../schema/verdicts.ts";

/** Trino's names of types. */
const types: Readonly<Record<string, string>> = {FLOAT: "REAL", TIMESTAMP: "TIMESTAMP(6)"};

const stored: readonly Stored[] = tables.map(({name, columns}) => ({
  name: name === "verdicts" ? verdictRows : name,
  columns
}));

interface Stored {
  readonly name: string;
  readonly columns: readonly {readonly name: string; readonly type: string}[];
}

/** Roll-ups of a model, as the lake's views have them, and the flows that none of them has. */
export function rollupTables(model: string): readonly Stored[] {
  const sums = rollups.flatMap((rollup) =>
    rollup.widthsUs.flatMap((widthUs) =>
      [false, true].map((corrections) => ({
        name: rollupView(rollup, widthUs, model, corrections),
        columns: columnsOfRollup(rollup)
      }))
    )
  );
  return [...sums, {name: besideRollups(model), columns: table("flows").columns}];
}

/** What the lake's tables show, as `folder/NAME/*.parquet`. `more`: tables beside its own. */
export async function writeTables(lake: LakeEngine, folder: string, more: readonly Stored[] = []): Promise<void> {
  for (const {name, columns} of [...stored, ...more]) {
    mkdirSync(join(folder, name), {recursive: true});
    const list = columns.map((column) => quoted(column.name)).join(", ");
    await lake.copyToParquet(`SELECT ${list} FROM ${quoted(name)}`, join(folder, name, "all.parquet"));
  }
}

/** Columns by which tables are joined. */
const joined = ["capture_sha256", "flow_id"];

/**
 * Tables over such files below `location`, and the lake's views over them, in the engine's schema. The engine counts their
 * rows: without that it keeps whichever table a join names last in memory, which are the flows as a rule.
 */
export async function declareTables(
  engine: QueryEngine,
  schema: string,
  location: string,
  more: readonly Stored[] = []
): Promise<void> {
  await engine.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  for (const {name, columns} of [...stored, ...more]) {
    const declared = columns.map((column) => `${quoted(column.name)} ${types[column.type] ?? column.type}`);
    await engine.query(
      `CREATE TABLE ${quoted(name)} (${declared.join(", ")}) WITH (format = 'PARQUET', external_location = '${location}/${name}')`
    );
    const counted = columns.filter((column) => joined.includes(column.name)).map((column) => `'${column.name}'`);
    if (counted.length > 0) await engine.query(`ANALYZE ${quoted(name)} WITH (columns = ARRAY[${counted.join(", ")}])`);
  }
  for (const {name, sql} of [flowIncidentsView, verdictView, lossView, credentialsView])
    await engine.query(`CREATE VIEW ${quoted(name)} AS ${sql}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const {port} = server.address() as {port: number};
  await new Promise((done) => server.close(done));
  return port;
}
