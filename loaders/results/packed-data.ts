import {createHash} from "node:crypto";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Writable} from "node:stream";
import {pipeline} from "node:stream/promises";
import {createGzip} from "node:zlib";
import type {DuckDBConnection} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import type {Value} from "../../schema/engine.ts";
import {communityId} from "../../src/lib/community-id.js";
import {numberColumns as numbersOfFlows, textColumns} from "../../src/lib/flow-table.js";
import {listOf, ofFlow, packedDetailNumbers, packedDetailTexts} from "../../src/lib/packed-flows.js";
import {currentModel} from "../judge/current-model.ts";
import {type LakeEngine, openLake} from "../lake/duckdb.ts";
import {numberColumns} from "../lake/number-columns.ts";
import {ColumnPacker} from "./pack-columns.ts";
import {flowDetailsData, flowsData, incidentFlowsData, type PageData} from "./page-data.ts";

/** A table that a static site carries, by columns. */
export interface PackedData extends PageData {
  /** Columns of texts, and the list that each has its texts in. */
  readonly texts: readonly (readonly [name: string, list: string])[];
  readonly numbers: readonly string[];
  readonly ids: readonly string[];
  readonly shortened?: Readonly<Record<string, Shortened>>;
}

/** What stands in the place of a column's texts: an expression over its row, or what a function makes of them. */
type Shortened =
  | string
  | {
      /** Further columns of the table, from which the text may follow. */
      readonly from: readonly string[];
      /** The text as it is packed, given the cells of `from` in its row. */
      text(text: string, cells: readonly Value[]): string;
    };

const own = (names: readonly string[]) => names.map((name) => [name, listOf(name)] as const);

export const packedFlows: PackedData = {
  ...flowsData,
  texts: own(textColumns),
  numbers: numbersOfFlows,
  ids: ["flow_id"],
  // No chart asks for the retransmissions in each bin.
  shortened: {activity: "array_to_string(string_split(activity, ';')[1:6], ';')"}
};

/** The rows are those of {@link packedFlows}. */
export const packedFlowDetails: PackedData = {
  ...flowDetailsData,
  texts: own(packedDetailTexts),
  numbers: packedDetailNumbers,
  ids: [],
  shortened: {
    outer_src_ip: `if(outer_src_ip = src_ip, '${ofFlow.same}', outer_src_ip)`,
    outer_dst_ip: `if(outer_dst_ip = dst_ip, '${ofFlow.same}', outer_dst_ip)`,
    community_id: {
      from: ["src_ip", "dst_ip", "src_port", "dst_port", "proto"],
      text(text, [src, dst, srcPort, dstPort, proto]) {
        if (src === null || dst === null) return text;
        const hosts = {src: String(src), dst: String(dst)};
        const ends = {...hosts, srcPort: Number(srcPort), dstPort: Number(dstPort), proto: Number(proto)};
        if (communityId(ends, false, sha1) === text) return ofFlow.ordered;
        return isIcmp(ends.proto) && communityId(ends, true, sha1) === text ? ofFlow.oneWay : text;
      }
    }
  }
};

/** A flow is its row among {@link packedFlows}. */
export const packedIncidentFlows: PackedData = {
  ...incidentFlowsData,
  texts: own(["incident_id"]),
  numbers: ["row", "contribution"],
  ids: []
};

/** Only its messages may be of one way. */
const isIcmp = (proto: number) => proto === 1 || proto === 58;

/** Texts of a column of which none became shorter, after which the others are taken as they are: to compare costs more than it may save. */
const mostTries = 5000;

const sha1 = (message: readonly number[]) =>
  createHash("sha1")
    .update(Buffer.from(message as number[]))
    .digest("base64");

/** Columns of numbers that are read together. */
const readTogether = 8;

/** The table as `PackedColumns` reads it, some columns at a time from a file in `folder`, where the engine may write. */
export async function packed(
  engine: LakeEngine,
  data: PackedData,
  model: string | null,
  folder: string
): Promise<Buffer> {
  const file = join(folder, "data.parquet");
  const rows = await engine.copyToParquet(data.sql(model), file);
  const packer = new ColumnPacker(rows);
  const instance = await openEngine("1GB");
  const connection = await instance.connect();
  try {
    const table = {connection, source: `read_parquet(${literal(file)}, file_row_number = true)`};
    for (const name of data.ids) {
      const sql = `SELECT ${quoted(name)} AS ids FROM ${table.source}`;
      packer.ids(name, (await numberColumns(connection, sql, {ids: "BIGINT"})).ids);
    }
    for (let at = 0; at < data.numbers.length; at += readTogether)
      await packNumbers(packer, table, data.numbers.slice(at, at + readTogether));
    for (const list of new Set(data.texts.map(([, list]) => list))) {
      const names = data.texts.flatMap(([name, of]) => (of === list ? [name] : []));
      await packTexts(packer, table, list, names, data.shortened ?? {});
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  rmSync(file);
  return packer.bytes();
}

interface FileTable {
  readonly connection: DuckDBConnection;
  /** What stands behind FROM. */
  readonly source: string;
}

async function packNumbers(
  packer: ColumnPacker,
  {connection, source}: FileTable,
  names: readonly string[]
): Promise<void> {
  const cells = names.map((name) => `CAST(${quoted(name)} AS DOUBLE) AS ${quoted(name)}`);
  const types = Object.fromEntries(names.map((name) => [name, "DOUBLE"] as const));
  const columns = await numberColumns(connection, `SELECT ${cells.join(", ")} FROM ${source}`, types);
  for (const name of names) packer.numbers(name, columns[name]);
}

/** The engine makes codes of texts, in the order in which these are met: to read each text takes four times as long. */
async function packTexts(
  packer: ColumnPacker,
  table: FileTable,
  list: string,
  names: readonly string[],
  shortened: NonNullable<PackedData["shortened"]>
): Promise<void> {
  const {connection, source} = table;
  const textOf = (name: string) => {
    const short = shortened[name];
    return typeof short === "string" ? short : `CAST(${quoted(name)} AS VARCHAR)`;
  };
  const [name] = names;
  const short = shortened[name];
  if (typeof short === "object") {
    const texts = await shorterTexts(table, name, short);
    if (texts) return packer.texts(name, texts, list);
    if (await packDistinct(packer, table, list, name)) return;
  }
  const met = names.map(
    (name, k) => `SELECT ${textOf(name)} AS text, ${k} AS of, min(file_row_number) AS at_row FROM ${source} GROUP BY 1`
  );
  await connection.run(`CREATE OR REPLACE TYPE listed AS ENUM (
    SELECT text FROM (SELECT text, min((of, at_row)) AS place FROM (${met.join(" UNION ALL ")}) WHERE text IS NOT NULL GROUP BY 1)
    ORDER BY place)`);
  const codes = names.map(
    (name) => `CAST(coalesce(enum_code(CAST(${textOf(name)} AS listed)) + 1, 0) AS INTEGER) AS ${quoted(name)}`
  );
  const types = Object.fromEntries(names.map((name) => [name, "INTEGER"] as const));
  const columns = await numberColumns(connection, `SELECT ${codes.join(", ")} FROM ${source}`, types);
  for (const name of names) packer.codes(name, columns[name], list);
  const read = await connection.runAndReadAll(
    "SELECT len(texts), CAST(to_json(texts) AS VARCHAR) FROM (SELECT CAST(enum_range(NULL::listed) AS VARCHAR[]) AS texts)"
  );
  const [[count, json]] = read.getRows();
  packer.list(list, {count: Number(count), json: String(json)});
}

/** Packs a column of which no two texts are alike, which needs no codes; false where some are. */
async function packDistinct(
  packer: ColumnPacker,
  {connection, source}: FileTable,
  list: string,
  name: string
): Promise<boolean> {
  const text = quoted(name);
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0];
  const [count, alike] = await read(`SELECT count(${text}), count(${text}) - count(DISTINCT ${text}) FROM ${source}`);
  if (Number(alike) > 0 || Number(count) === 0) return false;
  const isThere = `SELECT CAST(${text} IS NOT NULL AS INTEGER) AS codes FROM ${source}`;
  const {codes} = await numberColumns(connection, isThere, {codes: "INTEGER"});
  let place = 0;
  for (let row = 0; row < codes.length; row++) if (codes[row] > 0) codes[row] = ++place;
  packer.codes(name, codes, list);
  const texts = `to_json(list(${text} ORDER BY file_row_number) FILTER (WHERE ${text} IS NOT NULL))`;
  const [json] = await read(`SELECT CAST(${texts} AS VARCHAR) FROM ${source}`);
  packer.list(list, {count: Number(count), json: String(json)});
  return true;
}

/** The texts of a column as a function shortens them; null where it shortens none of the first ones. */
async function shorterTexts(
  {connection, source}: FileTable,
  name: string,
  {from, text}: Exclude<Shortened, string>
): Promise<(string | null)[] | null> {
  const rows = `SELECT ${[name, ...from].map(quoted).join(", ")} FROM ${source}`;
  const shorter = ([cell, ...others]: readonly Value[]) => (cell === null ? null : text(String(cell), others));
  const tried = await connection.runAndReadAll(`${rows} WHERE ${quoted(name)} IS NOT NULL LIMIT ${mostTries}`);
  if (tried.getRows().every((row) => shorter(row as Value[]) === row[0])) return null;
  const texts: (string | null)[] = [];
  for await (const batch of await connection.stream(rows))
    for (const row of batch.getRows()) texts.push(shorter(row as Value[]));
  return texts;
}

/**
 * Writes a table gzipped to a stream, from the lake that `FLOWBOOK_LAKE` names (`data/lake` without it), and the tables it
 * read to the file that `FLOWBOOK_READS` names.
 */
export async function writePackedData(data: PackedData, output: Writable = process.stdout): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(data.reads));
  const folder = mkdtempSync(join(tmpdir(), "flowbook-page-data-"));
  try {
    const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 240_000, hasRollups: false});
    try {
      const bytes = await packed(engine, data, await currentModel(engine), folder);
      // The usual level 6 takes 1.4 times as long, and saves half a percent.
      await pipeline([bytes], createGzip({level: 5, memLevel: 9}), output, {end: false});
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
