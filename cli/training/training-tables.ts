import {createReadStream} from "node:fs";
import {basename} from "node:path";
import {createInterface} from "node:readline";
import {Writable} from "node:stream";
import {pipeline} from "node:stream/promises";
import {createGunzip} from "node:zlib";
import type {DuckDBConnection} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import {numberColumns} from "../../loaders/lake/number-columns.ts";
import {fileHash} from "../../loaders/results/freshness-inputs.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {exit, UserError} from "../verb.ts";
import {classOf, unnamedAttack} from "./tables/class-of.ts";
import {plainName, type TableFormat} from "./tables/format.ts";
import {aliases, tableFormats} from "./tables/index.ts";
import {type CaptureOrigin, type Role, trainingFeatures} from "./training-flows.ts";

/** Flows of a table that others published: features that it lacks are NaN. */
export interface TrainingTable {
  /** Rows × `trainingFeatures`. */
  readonly matrix: Float32Array;
  readonly labels: readonly (string | null)[];
  /** What the table itself calls each row. */
  readonly groups: readonly string[];
  /** -1 where the table does not say. */
  readonly protocols: Int16Array;
  readonly origin: CaptureOrigin;
  readonly format: TableFormat;
  /** Features that the table has. */
  readonly available: readonly string[];
  /** Labels that are called nothing here, with their rows. */
  readonly unread: Readonly<Record<string, number>>;
}

/** Rows of each of a table's labels that are taken at most, drawn evenly by the seed. */
const rowsOfLabel = 20_000;

/** What a table gives, in a line for the reader. */
export function tableWords({origin, format, available, unread}: TrainingTable, learnt: boolean): string {
  const {[unnamedAttack]: unnamed = 0} = origin.flows;
  const left = Object.entries(unread).map(
    ([label, rows]) => `${rows.toLocaleString("en")} called ${label || "nothing"}`
  );
  if (learnt && unnamed > 0) left.push(`${unnamed.toLocaleString("en")} only called an attack`);
  return [
    `${origin.fold}: ${format.name}, ${available.length} of ${trainingFeatures.length} features`,
    ...(format.leavesOut ? [`without ${format.leavesOut}`] : []),
    ...(left.length > 0 ? [`rows left out: ${left.join(", ")}`] : [])
  ].join("; ");
}

/**
 * Reads tables of labelled flows: CSV or TSV with a head, Zeek's logs, NSL-KDD without one; compressed by gzip or not.
 * Throws a UserError where a file is none of the known formats, or has no label.
 */
export async function readTables(
  paths: readonly string[],
  role: Extract<Role, "table" | "test">,
  seed: number
): Promise<TrainingTable[]> {
  const instance = await openEngine("2GB");
  const connection = await instance.connect();
  try {
    const tables: TrainingTable[] = [];
    for (const path of paths) tables.push(await readTable(connection, path, role, seed));
    return tables;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** How a file is read: the names of its columns, and DuckDB's call. */
interface Layout {
  readonly columns: readonly string[];
  readonly scan: string;
}

async function readTable(
  connection: DuckDBConnection,
  path: string,
  role: "table" | "test",
  seed: number
): Promise<TrainingTable> {
  const {columns, scan} = await layoutOf(path);
  await checkGzip(path);
  const plain = columns.map(plainName);
  const known = new Map<string, string>();
  for (const [i, name] of plain.entries()) if (!known.has(name)) known.set(name, columns[i]);
  for (const [name, others] of Object.entries(aliases)) {
    const other = others.find((one) => known.has(one));
    if (!known.has(name) && other) known.set(name, known.get(other)!);
  }
  const format = tableFormats.find(({marks}) => marks.every((mark) => known.has(mark)));
  if (!format)
    throw new UserError(
      exit.input,
      `${path}: expected a table by ${tableFormats.map(({name}) => name).join(", ")}, found the columns ${plain.slice(0, 8).join(", ")}…`
    );
  const has = (sql: string) => namesIn(sql).every((name) => known.has(name));
  const label = format.labels.find(has);
  if (!label) throw new UserError(exit.input, `${path}: ${format.name} without a column of labels`);
  const available = trainingFeatures.filter((name) => format.features[name] && has(format.features[name]));
  const textColumns = new Set([...namesIn(label), ...namesIn(format.protocol), "id_orig_h", "id_resp_h", "id_resp_p"]);
  const selected = [...known].map(([name, column]) =>
    textColumns.has(name)
      ? `trim(${quoted(column)}) AS ${name}`
      : `${finite(`TRY_CAST(${quoted(column)} AS DOUBLE)`)} AS ${name}`
  );
  const used = `${format.protocol} ${label} ${available.map((name) => format.features[name]).join(" ")}`;
  const needed = selected.filter((sql) => namesIn(used).includes(sql.slice(sql.lastIndexOf(" ") + 1)));
  const protocol = has(format.protocol) ? `coalesce(TRY_CAST(${format.protocol} AS INTEGER), -1)` : "-1";
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE read_table AS
     SELECT * FROM (
       SELECT n, CAST(${protocol} AS INTEGER) AS protocol_number, coalesce(CAST(${label} AS VARCHAR), '') AS label_text${available
         .map(
           (name) => `, CAST(${finite(`CAST(${format.features[name]} AS DOUBLE)`)} AS FLOAT) AS ${quoted(`f_${name}`)}`
         )
         .join("")}
       FROM (SELECT row_number() OVER () AS n, ${needed.join(", ")} FROM ${scan})
     ) QUALIFY row_number() OVER (PARTITION BY label_text ORDER BY hash(n * 1000003 + ${seed}), n) <= ${rowsOfLabel}`
  );
  const read = (await numberColumns(
    connection,
    `SELECT protocol_number${available.map((name) => `, ${quoted(`f_${name}`)}`).join("")} FROM read_table ORDER BY n`,
    {protocol_number: "INTEGER", ...Object.fromEntries(available.map((name) => [`f_${name}`, "FLOAT" as const]))}
  )) as unknown as Record<string, Float32Array> & {readonly rows: number; readonly protocol_number: Int32Array};
  const result = await connection.run(
    "SELECT string_agg(replace(label_text, chr(10), ' '), chr(10) ORDER BY n) FROM read_table"
  );
  const [[all]] = await result.getRows();
  const groups = all === null ? [] : String(all).split("\n");
  if (groups.length === 0) throw new UserError(exit.input, `${path}: ${format.name} without a row`);
  const matrix = new Float32Array(read.rows * trainingFeatures.length).fill(Number.NaN);
  for (const name of available) {
    const k = trainingFeatures.indexOf(name);
    for (let i = 0; i < read.rows; i++) matrix[i * trainingFeatures.length + k] = read[`f_${name}`][i];
  }
  const classes = groups.map(classOf);
  const flows: Record<string, number> = {};
  const unread: Record<string, number> = {};
  for (const [i, name] of classes.entries()) {
    const counts = name === null ? unread : flows;
    const key = name ?? groups[i];
    counts[key] = (counts[key] ?? 0) + 1;
  }
  // What is only called malicious is found or not, but there is no class to learn.
  const labels = role === "test" ? classes : classes.map((name) => (name === unnamedAttack ? null : name));
  return {
    matrix,
    labels,
    groups,
    protocols: Int16Array.from(read.protocol_number),
    origin: {role, fold: basename(path), capture_sha256: await fileHash(path), table: format.name, flows},
    format,
    available,
    unread
  };
}

const finite = (sql: string) => `CASE WHEN isfinite(${sql}) THEN ${sql} END`;

const words = new Set(
  "case when then else end over partition by order range rows between preceding following and or not null is current row exclude count distinct coalesce nullif greatest lower like cast as double varchar e6 e3".split(
    " "
  )
);

/** Names of columns in a piece of SQL. */
function namesIn(sql: string): string[] {
  const plain = sql.replace(/'[^']*'/g, " ").match(/(?<![\w.])[a-z_]\w*/gi) ?? [];
  return [...new Set(plain.map((word) => word.toLowerCase()))].filter((word) => !words.has(word));
}

async function layoutOf(path: string): Promise<Layout> {
  const lines = await firstLines(path, 20);
  if (lines.length === 0) throw new UserError(exit.input, `${path}: expected a table of flows, found nothing`);
  const fields = lines.findIndex((line) => line.trimStart().startsWith("#fields"));
  if (fields >= 0) {
    // IoT-23's own files hold the last three columns in one, parted by blanks.
    const columns = lines[fields].trim().split("\t").slice(1);
    const merged = /^tunnel_parents {3}label {3}detailed-label$/.test(columns.at(-1) ?? "");
    const scan = csv(
      path,
      `delim = '\\t', header = false, comment = '#', columns = ${texts(columns)}, nullstr = '-', quote = ''`
    );
    if (!merged) return {columns, scan};
    const last = quoted(columns.at(-1)!);
    const part = (k: number) => `trim(string_split(${last}, '   ')[${k}])`;
    return {
      columns: [...columns.slice(0, -1), "label", "detailed-label"],
      scan: `(SELECT *, ${part(2)} AS label, ${part(3)} AS "detailed-label" FROM ${scan})`
    };
  }
  if (lines[0].startsWith("{")) {
    const columns = [...new Set(lines.flatMap((line, k) => keysOf(line, `${path}: line ${k + 1}`)))];
    return {columns, scan: `read_json(${literal(path)}, format = 'newline_delimited', columns = ${texts(columns)})`};
  }
  const delim = lines[0].includes("\t") ? "\t" : lines[0].includes(";") && !lines[0].includes(",") ? ";" : ",";
  const columns = lines[0]
    .replace(/^\uFEFF/, "")
    .split(delim)
    .map((name) => name.trim().replace(/^["']|["']$/g, ""));
  const headless = tableFormats.find(
    ({headless}) =>
      headless &&
      (columns.length === headless.length || columns.length === headless.length - 1) &&
      /^\d+$/.test(columns[0])
  )?.headless;
  const own = unique(headless ? headless.slice(0, columns.length) : columns);
  return {
    columns: own,
    scan: csv(
      path,
      `delim = ${literal(delim)}, header = false, skip = ${headless ? 0 : 1}, columns = ${texts(own)}, null_padding = true`
    )
  };
}

/** Names in a line of JSON; `place` names it where it is none. */
function keysOf(line: string, place: string): string[] {
  try {
    return Object.keys(JSON.parse(line));
  } catch (error) {
    throw new UserError(exit.input, `${place}: expected an object of JSON: ${(error as Error).message}`, {
      cause: error
    });
  }
}

/** CICIDS2017 has a column twice: the second one gets a number. */
function unique(columns: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return columns.map((name) => {
    const before = seen.get(name.toLowerCase()) ?? 0;
    seen.set(name.toLowerCase(), before + 1);
    return before === 0 ? name : `${name}.${before}`;
  });
}

const csv = (path: string, options: string) =>
  `read_csv(${literal(path)}, auto_detect = false, strict_mode = false, ${options})`;
const texts = (names: readonly string[]) => `{${names.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ")}}`;

/** The engine takes what it finds of a file by gzip that is cut short or damaged; here it is refused. */
async function checkGzip(path: string): Promise<void> {
  if (!path.endsWith(".gz")) return;
  const nowhere = new Writable({write: (_bytes, _encoding, done) => done()});
  try {
    await pipeline(createReadStream(path), createGunzip(), nowhere);
  } catch (error) {
    throw new UserError(exit.input, `${path}: gzip: ${(error as Error).message}`, {cause: error});
  }
}

async function firstLines(path: string, most: number): Promise<string[]> {
  const file = createReadStream(path);
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  const lines: string[] = [];
  try {
    await new Promise<void>((done, fail) => {
      file.on("error", fail);
      bytes.on("error", fail);
      const reader = createInterface({input: bytes});
      reader.on("error", fail);
      reader.on("line", (line) => {
        if (line.trim() !== "" && lines.length < most) lines.push(line);
        if (lines.length === most) reader.close();
      });
      reader.on("close", done);
    });
  } catch (error) {
    throw new UserError(exit.input, `${path}: ${(error as Error).message}`, {cause: error});
  } finally {
    file.destroy();
  }
  return lines;
}
