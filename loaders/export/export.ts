import {randomUUID} from "node:crypto";
import {createReadStream, existsSync, mkdirSync, rmSync} from "node:fs";
import {chmod, open, rename} from "node:fs/promises";
import {tmpdir} from "node:os";
import {basename, dirname, join, resolve} from "node:path";
import type {Writable} from "node:stream";
import {closeRun, noteOutside, openRun, type Run} from "../../capture/partitions/run.ts";
import type {ResultStream} from "../../schema/engine.ts";
import {type LakeEngine, type LakeOptions, openLake} from "../lake/duckdb.ts";
import {csv, json, ndjson, type TextFormat} from "./text-formats.ts";

export const exportFormats = ["csv", "json", "ndjson", "parquet", "arrow"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportRequest {
  readonly lake: string;
  /** One statement that reads. */
  readonly sql: string;
  readonly format: ExportFormat;
  /** A file, which is there whole or not at all, or a stream. */
  readonly to: string | Writable;
  /** Leave text cells of a CSV as they are, formulas included. */
  readonly rawCsv?: boolean;
  readonly options?: LakeOptions;
}

/** Writes the rows of a query to a file or stream; returns how many. Throws DuckDB's error or a StatementRefused. */
export async function exportRows({lake, sql, format, to, rawCsv, options}: ExportRequest): Promise<number> {
  const target = typeof to === "string" ? resolve(to) : null;
  const folder = join(target ? dirname(target) : tmpdir(), `.flowbook-export-${randomUUID()}`);
  const path = join(folder, target ? basename(target) : "rows.parquet");
  // Before the folder is there: a process can be killed at any moment.
  const run = noted(lake, folder);
  let engine: LakeEngine | undefined;
  try {
    mkdirSync(folder, {mode: 0o700});
    engine = await openLake(lake, {timeoutMs: 3_600_000, ...options, exportFolder: folder});
    let rows: number;
    if (format === "parquet") {
      rows = await engine.copyToParquet(sql, path);
      if (typeof to !== "string") for await (const piece of createReadStream(path)) await send(to, piece);
    } else {
      const result = await engine.stream(sql);
      const counted = {rows: 0};
      const pieces = encoded(result, format, counted, rawCsv);
      await (typeof to === "string" ? writeFile(path, pieces) : sendAll(to, pieces));
      rows = counted.rows;
    }
    // The engine's files may be read by everybody; these hold what the lake shows to its owner alone.
    if (target && format === "parquet") await chmod(path, 0o600);
    if (target) await rename(path, target);
    return rows;
  } finally {
    await engine?.close();
    rmSync(folder, {recursive: true, force: true});
    if (run) closeRun(run);
  }
}

/** A run that has the folder removed by the lake's next writer, should this process be killed; null where none can be made. */
function noted(lake: string, folder: string): Run | null {
  if (!existsSync(lake)) return null;
  try {
    const run = openRun(lake, Date.now());
    noteOutside(run, folder);
    return run;
  } catch {
    // A lake that is full or may not be written can be exported all the same.
    return null;
  }
}

/** A result in a format, in pieces; counts its rows into `counted`. Parquet is the engine's own: see `copyToParquet`. */
export async function* encoded(
  result: ResultStream,
  format: Exclude<ExportFormat, "parquet">,
  counted: {rows: number},
  rawCsv?: boolean
): AsyncGenerator<Uint8Array> {
  // Its library takes a tenth of a second to load.
  if (format === "arrow") yield* (await import("./arrow-format.ts")).arrowStream(result, counted);
  else yield* textStream(result, format === "csv" ? csv(rawCsv) : format === "json" ? json : ndjson, counted);
}

/** A result as text, a batch of rows a piece; counts its rows into `counted`. */
export async function* textStream(
  result: ResultStream,
  format: TextFormat,
  counted: {rows: number}
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(format.begin(result.columns));
  for await (const batch of result.batches) {
    yield Buffer.from(batch.map((row) => format.row(row, result.columns, counted.rows++)).join(""));
  }
  yield Buffer.from(format.end(counted.rows));
}

async function writeFile(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    for await (const piece of pieces) await file.write(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sendAll(to: Writable, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) await send(to, piece);
}

/** Waits until the stream has taken a piece, so that slow readers slow the query. */
function send(to: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((done, fail) => to.write(piece, (error) => (error ? fail(error) : done())));
}
