import type {ExportFormat} from "../../loaders/export/export.ts";
import type {OverRecords} from "../../loaders/lake/kept-records.ts";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import type {Cap} from "../../loaders/lake/query-limit.ts";
import type {ResultColumn, Value} from "../../schema/engine.ts";

/** Formats of an answer: those of exports; `rows` and `cells`, one JSON object with columns, and rows as objects or arrays. */
export type AnswerFormat = ExportFormat | "rows" | "cells";

/** What a query may use up. */
export interface QueryLimits {
  /** From its start to its last row; it is ended after that, whatever it does. */
  readonly timeoutMs: number;
  /** Of the answer in its format. */
  readonly bytes: number;
  readonly rows: number;
}

/** A reader's query on its way to the process that runs it. */
export interface QueryMessage extends QueryLimits {
  readonly sql: string;
  /** Bound to `?` in order. */
  readonly parameters: readonly Value[];
  /** Tables of the page that asks. */
  readonly tables: readonly PageTable[];
  /** The statement in its parts, where its records may be kept for the next ones. */
  readonly records?: OverRecords;
  /** The state of the lake's views that the statement is right for: it fails in another one. */
  readonly views?: string;
  /** Made here of what a reader named, not a reader's text: it need not be checked whether it only reads. */
  readonly isOurs?: boolean;
  readonly format: AnswerFormat;
  /** Nothing is sent before all of it is there, so that a limit can still be told. */
  readonly isWhole: boolean;
}

/** What the process is told. */
export type Order = {readonly run: QueryMessage} | {readonly cancel: true};

/** First frame of an answer. */
export interface AnswerHead {
  readonly columns: readonly ResultColumn[];
  /** All that follows, where the answer is whole; else null. */
  readonly bytes: number | null;
}

/** Last frame of an answer. */
export interface AnswerEnd {
  readonly rows: number;
  /** Memory of the process, in MB. */
  readonly memoryMb: number;
}

/** Last frame of a query that failed: by a limit, or by its statement. */
export interface AnswerFailure {
  readonly cap: Cap | null;
  readonly message: string;
  /** True where the statement is wrong, or is none that only reads. */
  readonly isRefused: boolean;
}

/** What a process of queries is started with. */
export interface ProcessOptions {
  readonly lake: string;
  /** The process that started it; none is left without it. */
  readonly server: number;
  /** For spilled rows and Parquet files; whichever of the two processes ends last removes it. */
  readonly folder: string;
  readonly threads: number;
  /** Memory of the engine. */
  readonly memoryMb: number;
  /** Memory of the whole process; beyond it, it is killed. */
  readonly processMb: number;
  readonly spillMb: number;
}
