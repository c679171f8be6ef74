import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {gzipSync} from "node:zlib";
import {arrowStream} from "../../loaders/export/arrow-format.ts";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import {quoted} from "../../schema/ddl.ts";
import type {Value} from "../../schema/engine.ts";
import type {Carried, CarriedFile, CarriedProblem, CarriedTable} from "../../src/lib/carried.ts";
import type {RecordPage} from "../../src/lib/records/record-source.js";
import {recordTables} from "./carried-records.ts";
import {relativePath} from "./framework-modules.ts";
import type {LoadedPage} from "./lake-results.ts";
import {namedTables} from "./named-tables.ts";

export interface CarryOptions {
  readonly engine: LakeEngine;
  /** Folder that holds node_modules. */
  readonly project: string;
  /** The site's folder. */
  readonly site: string;
  /** Most that the tables of one page may take, gzipped. */
  readonly tableBytes: number;
  /** Flows of a sample at most. */
  readonly sampledRows?: number;
  /** A page over records: the tables that it asks. */
  readonly records?: RecordPage;
}

/** Rows of an answer that a page can carry: more is a table, which an aggregate makes smaller. */
const mostRows = 100_000;

/**
 * Writes what a page without a server needs: the answers of statements without inputs, and for the others the columns of
 * tables that they name, with DuckDB for the browser. What cannot be carried is said instead, in words.
 */
export async function carry(
  path: string,
  {statements, tables: own}: Pick<LoadedPage, "statements" | "tables">,
  options: CarryOptions
): Promise<{carried: Carried; problems: string[]}> {
  const {engine, site, tableBytes} = options;
  const href = (file: CarriedFile) => ({...file, href: relativePath(path, `/${file.href}`)});
  const answers: Record<string, CarriedFile | CarriedProblem> = {};
  const needs: Record<string, string[]> = {};
  const wanted = new Map<string, Set<string> | null>();
  for (const {sql, hasInputs} of statements) {
    if (!hasInputs) {
      answers[sql] ??= await attempt(async () => href(await written(engine, sql, own, site)));
      continue;
    }
    const named = await namedTables(engine, sql);
    const known = await knownTables(engine, own);
    needs[sql] = [...named.keys()].filter((name) => known.has(name));
    for (const name of needs[sql]) {
      const columns = named.get(name);
      const before = wanted.get(name);
      wanted.set(name, columns && before !== null ? new Set([...(before ?? []), ...columns]) : null);
    }
  }
  const tables: Record<string, CarriedTable | CarriedProblem> = {};
  let left = tableBytes;
  for (const [name, columns] of wanted) {
    tables[name] = await attempt(async () => {
      const table = await writtenTable({...options, tables: own}, name, columns, left);
      left -= table.bytes;
      return {...table, ...href(table)};
    });
  }
  const records = options.records && (await recordTables(options.records, options, left));
  for (const [name, table] of Object.entries(records ?? {}))
    tables[name] = "href" in table ? {...table, ...href(table)} : table;
  const duckdb = records || Object.keys(needs).length > 0 ? writtenDuckdb(options, href) : null;
  const problems = [...Object.values(answers), ...Object.values(tables)].flatMap((each) =>
    "problem" in each ? each.problem : []
  );
  return {carried: {answers, tables, needs, ...(records && {records: Object.keys(records)}), duckdb}, problems};
}

async function attempt<T>(work: () => Promise<T>): Promise<T | CarriedProblem> {
  try {
    return await work();
  } catch (error) {
    return {problem: (error as Error).message};
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** An answer as a gzipped Arrow stream; the same content is one file. */
export async function written(
  engine: LakeEngine,
  sql: string,
  tables: readonly PageTable[],
  site: string,
  most = mostRows
): Promise<CarriedFile & {rows: number}> {
  const {packed, rows} = await packedAnswer(engine, sql, tables, most);
  return {...placed(site, "arrow", packed), rows};
}

async function packedAnswer(
  engine: LakeEngine,
  sql: string,
  tables: readonly PageTable[],
  most: number
): Promise<{packed: Buffer; rows: number}> {
  const counted = {rows: 0};
  const pieces: Uint8Array[] = [];
  for await (const piece of arrowStream(await engine.stream(sql, [], {tables}), counted)) {
    pieces.push(piece);
    if (counted.rows > most)
      throw new Error(
        `the result has more than ${most.toLocaleString("en")} rows, too many to include in a static site; add a LIMIT`
      );
  }
  // The usual level: of a table of flows the highest one takes twelve times as long, and saves 1.4 %.
  return {packed: gzipSync(Buffer.concat(pieces)), rows: counted.rows};
}

/** Throws where the table takes more than `left` bytes, unless a sample of it will do. */
async function writtenTable(
  {engine, site, tables, tableBytes, sampledRows = usualSample}: CarryOptions & {readonly tables: readonly PageTable[]},
  name: string,
  columns: ReadonlySet<string> | null,
  left: number
): Promise<CarriedTable> {
  const asked = async (sql: string) => {
    const rows: (readonly Value[])[] = [];
    for await (const batch of (await engine.stream(sql, [], {tables})).batches) rows.push(...batch);
    return rows;
  };
  const has = (await asked(`DESCRIBE ${quoted(name)}`)).map(([column]) => String(column));
  const named = columns ? has.filter((column) => columns.has(column.toLowerCase())) : has;
  // That only counts rows.
  const taken = named.length > 0 ? named : has.slice(0, 1);
  const sql = `SELECT ${taken.map(quoted).join(", ")} FROM ${quoted(name)}`;
  const as = ({packed, rows}: {packed: Buffer; rows: number}) => ({
    ...placed(site, "arrow", packed),
    rows,
    columns: taken.length
  });
  const isSampled =
    tables.some((table) => table.name.toLowerCase() === name && table.isSampled) && has.includes("flow_id");
  const all = isSampled ? Number((await asked(`SELECT count(*) FROM ${quoted(name)}`))[0][0]) : 0;
  const whole = () => packedAnswer(engine, sql, tables, mostTableRows);
  for (let most = sampledRows; all > most && most >= 100; most = Math.floor(most / 2)) {
    // Flows from everywhere, and the same every time.
    const share = Math.floor((most / all) * 2 ** 20);
    const sample = await packedAnswer(engine, `${sql} WHERE hash(flow_id) >> 44 < ${share}`, tables, mostTableRows);
    if ((sample.packed.length / sample.rows) * all <= left) {
      const table = await whole();
      if (table.packed.length <= left) return as(table);
    }
    if (sample.packed.length <= left) return {...as(sample), all, isSampled};
  }
  const table = await whole();
  if (table.packed.length > left)
    throw new Error(
      `the table ${name} takes ${megabytes(table.packed.length)} of the ${megabytes(tableBytes)} that this page may carry: ` +
        "name fewer columns, ask without inputs or of a sample, or build with --tables-mb"
    );
  return as(table);
}

/** Browsers ask so many in a tenth of a second. */
const usualSample = 200_000;
const mostTableRows = 20_000_000;

async function knownTables(engine: LakeEngine, own: readonly PageTable[]): Promise<ReadonlySet<string>> {
  const {rows} = await engine.query("SELECT view_name FROM duckdb_views() WHERE NOT internal");
  return new Set([...rows.map(([name]) => String(name)), ...own.map(({name}) => name.toLowerCase())]);
}

function writtenDuckdb({project, site}: CarryOptions, href: (file: CarriedFile) => CarriedFile): Carried["duckdb"] {
  const folder = join(project, "node_modules/@duckdb/duckdb-wasm/dist");
  const packed = (name: string, ending: string) => {
    const known = duckdbFiles.get(name);
    const contents = known ?? gzipSync(readFileSync(join(folder, name)));
    duckdbFiles.set(name, contents);
    return href(placed(site, ending, contents));
  };
  return {worker: packed("duckdb-browser-eh.worker.js", "js"), module: packed("duckdb-eh.wasm", "wasm")};
}

/** Packing takes seconds, and the files are the same for every page. */
const duckdbFiles = new Map<string, Buffer>();

function placed(site: string, ending: string, packed: Buffer): CarriedFile {
  const hash = createHash("sha256").update(packed).digest("hex").slice(0, 16);
  const href = `_sql/${hash}.${ending}.gz`;
  const file = join(site, href);
  mkdirSync(dirname(file), {recursive: true});
  if (!existsSync(file)) writeFileSync(file, packed);
  return {href, bytes: packed.length};
}
