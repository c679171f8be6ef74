import {createReadStream, rmSync, statSync} from "node:fs";
import {join} from "node:path";
import {encoded, textStream} from "../../loaders/export/export.ts";
import {cells, rowsWithColumns} from "../../loaders/export/text-formats.ts";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import {QueryLimit} from "../../loaders/lake/query-limit.ts";
import type {ResultColumn} from "../../schema/engine.ts";
import type {QueryMessage} from "./messages.ts";

export interface AnswerPieces {
  /** Empty for Parquet, whose file tells them. */
  readonly columns: readonly ResultColumn[];
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Runs a query and gives its answer in its format, in pieces; counts rows into `counted`. */
export async function answerPieces(
  engine: LakeEngine,
  {sql, parameters, tables, records, isOurs, format, timeoutMs, bytes}: QueryMessage,
  folder: string,
  counted: {rows: number},
  signal: AbortSignal
): Promise<AnswerPieces> {
  if (format !== "parquet") {
    const result = await engine.stream(sql, parameters, {timeoutMs, signal, tables, records, isOurs});
    if (format === "rows") return {columns: result.columns, pieces: textStream(result, rowsWithColumns, counted)};
    if (format === "cells") return {columns: result.columns, pieces: textStream(result, cells, counted)};
    return {columns: result.columns, pieces: encoded(result, format, counted)};
  }
  const path = join(folder, "answer.parquet");
  const tooLarge = new AbortController();
  const watch = setInterval(() => {
    if ((statSync(path, {throwIfNoEntry: false})?.size ?? 0) > bytes)
      tooLarge.abort(new QueryLimit("bytes", `the answer has more than ${bytes.toLocaleString("en")} bytes`));
  }, watchedEveryMs);
  try {
    const ended = AbortSignal.any([signal, tooLarge.signal]);
    counted.rows = await engine.copyToParquet(sql, path, parameters, {timeoutMs, signal: ended, tables});
  } catch (error) {
    rmSync(path, {force: true});
    throw error;
  } finally {
    clearInterval(watch);
  }
  return {columns: [], pieces: fileOnce(path)};
}

const watchedEveryMs = 50;

async function* fileOnce(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } finally {
    rmSync(path, {force: true});
  }
}
