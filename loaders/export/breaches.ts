import {readdirSync, readFileSync, statSync} from "node:fs";
import {dirname, extname, join, relative} from "node:path";
import {gunzipSync} from "node:zlib";
import {DataType, type Table, tableFromIPC} from "apache-arrow";
import {literal} from "../../schema/ddl.ts";
import {PackedColumns} from "../../src/lib/packed-columns.js";
import {type LakeEngine, openLake} from "../lake/duckdb.ts";

/** An original text in what was to leave without it. */
export interface Breach {
  readonly file: string;
  readonly what: "address" | "name" | "user";
  readonly text: string;
}

type Originals = ReadonlyMap<string, Breach["what"]>;

/**
 * Searches the bytes of a built site or a single file for originals: pages, modules, JSON, and within Parquet, Arrow and what is
 * packed. In pages and modules, which have words of their own, only originals count that look like an address or a domain.
 */
export async function findBreaches(path: string, originals: Originals, lake: string): Promise<Breach[]> {
  const lower = new Map([...originals].map(([text, what]) => [text.toLowerCase(), what] as const));
  const found = new Map<string, Breach>();
  const look = (file: string, isData: boolean) => (text: string) => {
    for (const token of tokensOf(text)) {
      const what = lower.get(token);
      if (what !== undefined && (isData || /[.:@]/.test(token)))
        found.set(`${file} ${token}`, {file, what, text: token});
    }
  };
  const isFile = statSync(path).isFile();
  const files = isFile
    ? [path]
    : readdirSync(path, {recursive: true, encoding: "utf8"})
        .map((name) => join(path, name))
        .filter((file) => statSync(file).isFile());
  const engine = await openLake(lake, {tableFolders: [isFile ? dirname(path) : path], maxRows: 20_000_000});
  try {
    for (const file of files) {
      const name = isFile ? file : relative(path, file);
      // What npm installed, not what we made.
      if (/^_(npm|node|observablehq)\b/.test(name)) continue;
      const ending = extname(file);
      if (ending === ".parquet") await parquetTexts(engine, file, look(name, true));
      else if (ending === ".packed") for (const text of listedTexts(readFileSync(file))) look(name, true)(text);
      else if (ending === ".gz") packedTexts(name, readFileSync(file), look(name, true));
      else if ([".json", ".ndjson", ".csv"].includes(ending)) look(name, true)(readFileSync(file, "utf8"));
      else if (ending === ".html") {
        const html = readFileSync(file, "utf8");
        look(name, false)(html.replace(/<script type="text\/plain"[^>]*>[^<]*<\/script>/g, ""));
        for (const [, tag, text] of html.matchAll(/<script type="text\/plain"([^>]*)>([^<]*)<\/script>/g))
          packedTexts(tag, Buffer.from(text, "base64"), look(name, !/\bdata-module=/.test(tag)));
      } else if (ending !== ".wasm") look(name, false)(readFileSync(file, "utf8"));
    }
  } finally {
    await engine.close();
  }
  return [...found.values()];
}

function* tokensOf(text: string): Generator<string> {
  for (const [token] of text.matchAll(/[\p{L}\p{N}_.:@$-]+/gu)) {
    const lower = token.toLowerCase();
    yield lower;
    // A port behind an address, a stop behind a word.
    const core = lower.replace(/^[.:-]+|[.:-]+$/g, "");
    if (core !== lower) yield core;
    const host = /^(.*[^:]):\d+$/.exec(core)?.[1];
    if (host !== undefined) yield host;
  }
}

async function parquetTexts(engine: LakeEngine, file: string, look: (text: string) => void): Promise<void> {
  const {columns, batches} = await engine.stream(`SELECT * FROM read_parquet(${literal(file)})`);
  const texts = columns.flatMap(({type}, k) => (type === "VARCHAR" ? k : []));
  const seen = new Set<unknown>();
  for await (const rows of batches)
    for (const row of rows)
      for (const k of texts) {
        const value = row[k];
        if (value === null || seen.has(value)) continue;
        seen.add(value);
        look(String(value));
      }
}

/** The texts of all lists of a packed table. */
function listedTexts(packed: Buffer): string[] {
  return Object.values(new PackedColumns(gunzipSync(packed)).lists).flat();
}

function packedTexts(name: string, packed: Buffer, look: (text: string) => void): void {
  // DuckDB for the browser.
  if (/\.(js|wasm)\.gz/.test(name)) return;
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed;
  const table = arrowOf(bytes);
  if (!table) {
    look(bytes.toString("utf8"));
    return;
  }
  for (const [k, field] of table.schema.fields.entries()) {
    if (!DataType.isUtf8(field.type) && !DataType.isLargeUtf8(field.type)) continue;
    for (const value of new Set<string | null>(table.getChildAt(k)!)) if (value !== null) look(value);
  }
}

/** An Arrow stream begins with a continuation mark. */
function arrowOf(bytes: Buffer): Table | null {
  return bytes.length > 8 && bytes.readUInt32LE(0) === 0xffffffff ? tableFromIPC(bytes) : null;
}
