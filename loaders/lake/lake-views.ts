import {statSync} from "node:fs";
import {basename, join} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {onePerCapture} from "../../capture/partitions/captures-sum.ts";
import {forgottenIn, tombstones} from "../../capture/partitions/forgotten.ts";
import {type PartFile, parsePart, partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {partRows} from "../../capture/partitions/part-rows.ts";
import {grouped} from "../../models/rules/merge.ts";
import {cicViews} from "../../schema/cicflowmeter-view.ts";
import {credentialsView} from "../../schema/credentials-view.ts";
import {columnList, emptyQuery, literal, quoted} from "../../schema/ddl.ts";
import {foreignViews} from "../../schema/foreign/index.ts";
import {hostMarksView, hostsView} from "../../schema/hosts-view.ts";
import {lossView} from "../../schema/loss-view.ts";
import {schemaVersion, type TableName, table, tables} from "../../schema/tables.ts";
import {flowIncidentsView, verdictRows, verdictView} from "../../schema/verdicts.ts";
import {filled, scan} from "./part-scan.ts";
import {rollupState} from "./rollup-files.ts";
import {rollupViews} from "./rollup-views.ts";
import {macVendorsView} from "./vendors/mac-vendors.ts";

/** Captures that a later run imported again: part → hashes of the captures whose rows in it no longer count. */
export type Superseded = ReadonlyMap<string, readonly string[]>;

/**
 * Statements that make a view per table over the sealed parts: typed and empty where there are none, without the
 * rows of captures that were imported again later. After them the views over these tables, but for {@link namedViews}; without
 * `hasRollups` none of roll-ups, which takes as long as there are many parts. `ofIncidents`: the views of incidents alone.
 */
export async function lakeViews(
  connection: DuckDBConnection,
  lake: string,
  {hasRollups = true, ofIncidents = false}: {hasRollups?: boolean; ofIncidents?: boolean} = {}
): Promise<string[]> {
  const sealed = sealedParts(lake);
  const captures = partFiles(lake, "captures", sealed);
  const superseded = await supersededCaptures(async (sql) => (await connection.run(sql)).getRows(), lake, captures);
  const older = await olderParts(connection, captures);
  const wanted = ofIncidents ? tables.filter(({name}) => /^incident/.test(name)) : tables;
  const shown = wanted.map(({name}) => {
    const files = name === "captures" ? captures : partFiles(lake, name, sealed);
    const rows = rowsOf(name, files, superseded, older);
    if (name === "parts") {
      const merged = new Set(files.map(({part}) => part));
      const single = captures.filter(({part}) => !merged.has(part));
      return `CREATE OR REPLACE VIEW parts AS ${rows} UNION ALL ${partRows(rowsOf("captures", single, superseded, older))}`;
    }
    const shownAs = name === "verdicts" ? verdictRows : name;
    return `CREATE OR REPLACE VIEW ${quoted(shownAs)} AS ${name === "captures" && files.length > 0 ? onePerCapture(rows) : rows}`;
  });
  if (ofIncidents) return [...shown, viewStatement(flowIncidentsView)];
  const rowsOfParts = (files: readonly PartFile[]) => rowsOf("flows", files, superseded, older);
  return [
    ...shown,
    ...[flowIncidentsView, verdictView, credentialsView].map(viewStatement),
    ...(hasRollups ? rollupViews(lake, sealed, superseded, rowsOfParts) : [])
  ];
}

/** As {@link lakeState}, with the roll-ups beside the tables, which change no answer. */
export function viewState(lake: string, tables = lakeState(lake)): string {
  return `${tables} ${rollupState(lake)}`;
}

/** A view over the tables, or over such views before it. */
interface LaterView {
  readonly name: string;
  readonly sql: string;
}

/** Views that are made once a statement names them, each after those that it asks. */
const laterViews: readonly LaterView[] = [
  lossView,
  macVendorsView(),
  hostMarksView,
  hostsView,
  ...cicViews,
  ...foreignViews
];
const namesOf = new Map(laterViews.map(({name}) => [name, new RegExp(`\\b${name}\\b`, "i")]));
const asksForNames = /\b(?:(?:duckdb|pg)_\w+|sqlite_master|information_schema|show)\b/i;

/**
 * The views over tables that a text needs, in the order in which they can be made; all of them where it asks what views there
 * are. They ask flows so often that to make them takes most of the time that a lake of many parts takes to open.
 */
export function namedViews(text: string): readonly LaterView[] {
  if (asksForNames.test(text)) return laterViews;
  const texts = [text];
  // What a view asks stands before it.
  const needed = laterViews.toReversed().filter(({name, sql}) => {
    const isNeeded = texts.some((each) => namesOf.get(name)?.test(each));
    if (isNeeded) texts.push(sql);
    return isNeeded;
  });
  return needed.reverse();
}

/** Makes a view, or makes it anew. */
export function viewStatement({name, sql}: LaterView): string {
  return `CREATE OR REPLACE VIEW ${quoted(name)} AS ${sql}`;
}

/** Changes when a table gains or loses files; cheap enough to ask before every answer. */
export function lakeState(lake: string): string {
  return tables
    .map(({name}) => statSync(join(lake, name), {throwIfNoEntry: false, bigint: true})?.mtimeNs ?? 0n)
    .join(" ");
}

function rowsOf(
  name: TableName,
  files: readonly PartFile[],
  superseded: Superseded,
  older: ReadonlySet<string>
): string {
  const complete = files.filter(({part}) => !superseded.has(part) && !older.has(part));
  const lacking = files.filter(({part}) => !superseded.has(part) && older.has(part));
  const partly = files.filter(({part}) => superseded.has(part));
  const columns = columnList(table(name).columns);
  const queries = [
    ...(complete.length > 0 ? [`SELECT ${columns} FROM ${scan(complete)}`] : []),
    ...(lacking.length > 0 ? [`SELECT ${columns} FROM ${filled(lacking, name)}`] : []),
    ...partly.map((file) => {
      const hashes = superseded.get(file.part)!.map(literal).join(", ");
      return `SELECT ${columns} FROM ${older.has(file.part) ? filled([file], name) : scan([file])} WHERE capture_sha256 NOT IN (${hashes})`;
    })
  ];
  return queries.length > 0 ? queries.join(" UNION ALL ") : emptyQuery(table(name));
}

/** Parts that an earlier version of the schema wrote, or nobody knows which: their files may lack columns. */
async function olderParts(connection: DuckDBConnection, captures: readonly PartFile[]): Promise<ReadonlySet<string>> {
  const unknown = captures.filter(({path}) => !current.has(path));
  if (unknown.length > 0) {
    const paths = unknown.map(({path}) => literal(path)).join(", ");
    const result = await connection.run(
      `SELECT file_name FROM parquet_kv_metadata([${paths}])
       WHERE decode(key) = 'flowbook.schema_version' AND decode(value) = '${schemaVersion}'`
    );
    for (const [file] of await result.getRows()) remember(String(file));
  }
  return new Set(captures.filter(({path}) => !current.has(path)).map(({part}) => part));
}

/** Files in \`captures\` known to be of this version: a sealed file never changes. */
const current = new Set<string>();
const maxRemembered = 100_000;

function remember(path: string): void {
  if (current.size >= maxRemembered) current.clear();
  current.add(path);
}

/** The parts of one run add up; a capture of several runs is what the last of them sealed, one forgotten is nothing. */
export async function supersededCaptures(
  rowsOf: (sql: string) => Promise<readonly (readonly unknown[])[]>,
  lake: string,
  files: readonly PartFile[]
): Promise<Superseded> {
  if (files.length < 2 && tombstones(lake).length === 0) return new Map();
  if (files.length === 0) return new Map();
  const rows = await capturesOf(rowsOf, files);
  const isForgotten = forgottenIn(lake, new Set(rows.map(({hash}) => hash)));
  const last = new Map<string, string>();
  for (const {hash, part} of rows) if (runOf(part) > (last.get(hash) ?? "")) last.set(hash, runOf(part));
  const superseded = new Map<string, string[]>();
  for (const {hash, part} of rows)
    if (runOf(part) !== last.get(hash) || isForgotten(hash, part))
      superseded.set(part, [...(superseded.get(part) ?? []), hash]);
  return superseded;
}

const runOf = (part: string) => parsePart(part).run;

/** Hashes of the captures that a file in `captures` names, by its path, size and time. */
const named = new Map<string, readonly string[]>();

/** The captures of each file, of which a process reads each once: there is one a part, and a seal adds one to hundreds. */
async function capturesOf(
  rowsOf: (sql: string) => Promise<readonly (readonly unknown[])[]>,
  files: readonly PartFile[]
): Promise<{hash: string; part: string}[]> {
  const keyOf = ({path}: PartFile) => {
    const stat = statSync(path, {throwIfNoEntry: false});
    return `${path} ${stat?.size} ${stat?.mtimeMs}`;
  };
  const keys = new Map(files.map((file) => [file.path, keyOf(file)]));
  const known = (file: PartFile) => named.get(keys.get(file.path) as string);
  if (named.size + files.length > maxRemembered) named.clear();
  const unread = files.filter((file) => known(file) === undefined);
  if (unread.length > 0) {
    const paths = unread.map(({path}) => literal(path)).join(", ");
    const found = await rowsOf(
      `SELECT DISTINCT parse_filename(filename), capture_sha256 FROM read_parquet([${paths}], filename = true, hive_partitioning = false)`
    );
    const hashes = grouped(found, ([name]) => String(name));
    for (const {path} of unread)
      named.set(
        keys.get(path) as string,
        (hashes.get(basename(path)) ?? []).map(([, hash]) => String(hash))
      );
  }
  return files.flatMap((file) => (known(file) ?? []).map((hash) => ({hash, part: file.part})));
}
