import {statSync} from "node:fs";
import {basename, join} from "node:path";
import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {columnList, emptyQuery, keyValueMetadata, literal, quoted} from "../../schema/ddl.ts";
import {type TableName, table, tables} from "../../schema/tables.ts";
import {onePerCapture} from "./captures-sum.ts";
import {syncFile} from "./durable.ts";
import {type ParsedPart, type PartFile, parsePart, partFiles, sealedParts} from "./layout.ts";
import {lostFiles} from "./lost-files.ts";
import {partRows} from "./part-rows.ts";
import {filesKey, filesMetadata, publishPart} from "./publish-part.ts";
import {closeRun, openNamedRun, type Run, removeLeftovers} from "./run.ts";

/** Parts merged at a time, and what tells their sizes apart: a merged part is of the next size. */
const fanIn = 12;
/** Flows of a merged part at most: two row groups. */
const mergedFlows = 245_760;
const rowGroupRows = 122_880;
const lockName = "merging";

/** Holds the lake's one right to merge and remove parts; null where another living process has it. */
export function lockParts(lake: string, nowMs: number): Run | null {
  const lock = openNamedRun(lake, lockName);
  if (lock) return lock;
  removeLeftovers(lake, nowMs);
  return openNamedRun(lake, lockName);
}

/**
 * Merges small neighbouring parts of a run into larger ones, as often as there are enough of them. Readers see either
 * the parts or the merged one, at no moment both or neither: the rename of `captures/<merged>.parquet` decides. The
 * parts' files stay until `sweepParts`. Returns the merged parts' names; none where another process is at it.
 * `whole`: merges all small parts of that run, however few, as when it has ended.
 */
export async function mergeParts(lake: string, nowMs: number, whole: string | null = null): Promise<string[]> {
  if (sealedParts(lake).length < 2) return [];
  const lock = lockParts(lake, nowMs);
  if (!lock) return [];
  let instance: DuckDBInstance | null = null;
  try {
    const {openEngine} = await import("./engine.ts");
    instance = await openEngine("512MB", lock.folder);
    const connection = await instance.connect();
    const merged: string[] = [];
    const refused = new Set<string>();
    for (;;) {
      const group = nextGroup(await partSizes(connection, lake), whole, refused);
      if (!group) return merged;
      const name = await merge(connection, lake, group, mergedName(group));
      if (name) merged.push(name);
      else for (const {name} of group) refused.add(name);
    }
  } finally {
    instance?.closeSync();
    closeRun(lock);
  }
}

interface SizedPart extends ParsedPart {
  readonly flows: number;
}

async function partSizes(connection: DuckDBConnection, lake: string): Promise<SizedPart[]> {
  const files = partFiles(lake, "captures");
  if (files.length === 0) return [];
  const result = await connection.run(
    `SELECT parse_filename(filename), CAST(sum(flows) AS BIGINT)
     FROM read_parquet([${paths(files)}], filename = true, hive_partitioning = false, union_by_name = true) GROUP BY ALL`
  );
  const flows = new Map((await result.getRows()).map(([file, count]) => [String(file), Number(count)]));
  return sealedParts(lake).map((part) => ({...parsePart(part), flows: flows.get(`${part}.parquet`) ?? 0}));
}

/** The first neighbours in a run that are worth merging. */
function nextGroup(
  parts: readonly SizedPart[],
  whole: string | null,
  refused: ReadonlySet<string>
): SizedPart[] | null {
  let group: SizedPart[] = [];
  const isEnough = () => group.length >= (group[0]?.run === whole ? 2 : fanIn);
  for (const part of parts) {
    const last = group.at(-1);
    const isNeighbour = last && last.run === part.run && last.to + 1 === part.from;
    const sameSize = last && (part.run === whole || sizeOf(last) === sizeOf(part));
    const fits = group.reduce((sum, {flows}) => sum + flows, part.flows) <= mergedFlows;
    const isFull = part.run !== whole && group.length === fanIn;
    if (!isNeighbour || !sameSize || !fits || isFull || refused.has(part.name)) {
      if (isEnough()) return group;
      group = [];
    }
    if (!refused.has(part.name)) group.push(part);
  }
  return isEnough() ? group : null;
}

/** 0 for a part as it was sealed, 1 for one merged from 12 of those, and so on. */
function sizeOf({from, to}: ParsedPart): number {
  return Math.round(Math.log(to - from + 1) / Math.log(fanIn));
}

function mergedName(parts: readonly SizedPart[]): string {
  return `${parts[0].run}-${parts[0].from}_${parts[parts.length - 1].to}`;
}

/**
 * Writes a part anew without some of its captures, as if it was merged with nothing. Call it under `lockParts`. Returns
 * its new name; null where a file of it is damaged: then it waits for its repair.
 */
export async function rewritePart(
  connection: DuckDBConnection,
  lake: string,
  part: string,
  without: readonly string[]
): Promise<string | null> {
  const {run, from, to, revision} = parsePart(part);
  const name = `${run}-${from === to ? from : `${from}_${to}`}r${revision + 1}`;
  const own = (await partSizes(connection, lake)).filter((one) => one.name === part);
  return merge(connection, lake, own, name, without);
}

/** The merged part's name; null where the parts' verdicts do not cover the same flows or a file is damaged: they wait. */
async function merge(
  connection: DuckDBConnection,
  lake: string,
  parts: readonly SizedPart[],
  name: string,
  without: readonly string[] = []
): Promise<string | null> {
  const names = parts.map((part) => part.name);
  const run = openNamedRun(lake, name);
  if (!run) return null;
  try {
    const captures = partFiles(lake, "captures", names);
    // Merged, nobody would see any more that rows are missing.
    if (lostFiles(lake, captures).length > 0) return null;
    const rowsOf = (table: TableName, files: readonly PartFile[]) => storedRows(table, files, without);
    const row = await summedLoss(connection, rowsOf("captures", captures));
    const written: {table: TableName; file: string}[] = [];
    for (const {name: tableName} of tables.filter(({name}) => name !== "captures" && name !== "parts"))
      for (const [ending, files] of byEnding(tableName, partFiles(lake, tableName, names))) {
        const isWhole = coversAll(files, parts);
        if (tableName === "verdicts" && !isWhole) return null;
        const file = `${name}.${ending}`;
        const metadata = {...(await commonMetadata(connection, files, isWhole)), ...row};
        await write(
          connection,
          rowsOf(tableName, files),
          join(run.folder, `${tableName}.${file}`),
          metadata,
          tableName
        );
        written.push({table: tableName, file});
      }
    const file = `${name}.parts.0.parquet`;
    await write(connection, partsOf(lake, names, captures, rowsOf), join(run.folder, `parts.${file}`), row, "parts");
    written.push({table: "parts", file});
    const last = join(run.folder, "captures.parquet");
    const sealed = written.map(({table, file}) => ({table, name: file, from: join(run.folder, `${table}.${file}`)}));
    const metadata = {...(await commonMetadata(connection, captures, true)), ...row, ...filesMetadata(name, sealed)};
    await write(connection, onePerCapture(rowsOf("captures", captures)), last, metadata, "captures");
    publishPart(lake, name, last, sealed);
    return name;
  } finally {
    closeRun(run);
  }
}

/** The rows of all parts as they were sealed: those that were merged before have them apart. */
function partsOf(
  lake: string,
  names: readonly string[],
  captures: readonly PartFile[],
  rowsOf: typeof storedRows
): string {
  const files = partFiles(lake, "parts", names);
  const single = captures.filter(({part}) => !files.some((file) => file.part === part));
  return [
    ...(files.length > 0 ? [rowsOf("parts", files)] : []),
    ...(single.length > 0 ? [partRows(rowsOf("captures", single))] : [])
  ].join(" UNION ALL ");
}

/** Files that become one: those of a table, and of what was derived from it those of one model or set of rules. */
function byEnding(name: TableName, files: readonly PartFile[]): Map<string, PartFile[]> {
  const groups = new Map<string, PartFile[]>();
  // What was derived keeps its name, be it that of the table (`incidents.parquet`): its next version replaces it.
  const numbered = new RegExp(`^${name}\\.\\d+\\.parquet$`);
  for (const file of files) {
    const own = basename(file.path).slice(file.part.length + 1);
    const ending = numbered.test(own) ? `${name}.0.parquet` : own;
    groups.set(ending, [...(groups.get(ending) ?? []), file]);
  }
  return groups;
}

function coversAll(files: readonly PartFile[], parts: readonly SizedPart[]): boolean {
  const having = new Set(files.map(({part}) => part));
  return parts.every(({name, flows}) => flows === 0 || having.has(name));
}

async function write(
  connection: DuckDBConnection,
  query: string,
  path: string,
  metadata: Readonly<Record<string, string>>,
  name: TableName
): Promise<void> {
  const {sortBy} = table(name);
  const order = sortBy.length > 0 ? `ORDER BY ${sortBy.map(quoted).join(", ")}` : "";
  await connection.run(
    `COPY (${query} ${order}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}${keyValueMetadata(metadata)})`
  );
  syncFile(path);
  if (statSync(path).size === 0) throw new Error(`${path}: nothing was written`);
}

/** A query for the rows of files, less those of some captures. */
function storedRows(name: TableName, files: readonly PartFile[], without: readonly string[] = []): string {
  const condition = without.length > 0 ? `WHERE capture_sha256 NOT IN (${without.map(literal).join(", ")})` : "";
  return `SELECT ${columnList(table(name).columns)} FROM (${emptyQuery(table(name))} UNION ALL BY NAME
    SELECT * FROM read_parquet([${paths(files)}], hive_partitioning = false, union_by_name = true)) ${condition}`;
}

/** Key-value pairs that all files have; `isWhole`: none where the files do not cover all parts. */
async function commonMetadata(
  connection: DuckDBConnection,
  files: readonly PartFile[],
  isWhole: boolean
): Promise<Record<string, string>> {
  if (!isWhole) return {};
  const result = await connection.run(
    `SELECT decode(key), decode(any_value(value)) FROM parquet_kv_metadata([${paths(files)}])
     WHERE decode(key) NOT IN ('flowbook.captures', '${filesKey}') AND decode(key) LIKE 'flowbook.%'
     GROUP BY key HAVING count(DISTINCT value) = 1 AND count(*) = ${files.length}`
  );
  return Object.fromEntries((await result.getRows()).map(([key, value]) => [String(key), String(value)]));
}

/** What the captures lost, over all parts, as the metadata of every file tell it. */
async function summedLoss(connection: DuckDBConnection, captures: string): Promise<Record<string, string>> {
  const lost = [
    "cut_packets",
    "malformed",
    "unread_packets",
    "evicted_flows",
    "kernel_drops",
    "interface_drops",
    "pipe_drops",
    "problem"
  ];
  const result = await connection.run(`SELECT capture_sha256, ${lost.join(", ")} FROM (${onePerCapture(captures)})`);
  const lostByCapture = (await result.getRows()).map(([hash, ...values]) => [
    hash,
    Object.fromEntries(values.map((value, k) => [lost[k], typeof value === "bigint" ? Number(value) : value]))
  ]);
  return {"flowbook.captures": JSON.stringify(Object.fromEntries(lostByCapture))};
}

function paths(files: readonly PartFile[]): string {
  return files.map(({path}) => literal(path)).join(", ");
}
