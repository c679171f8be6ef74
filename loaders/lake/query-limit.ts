import type {DuckDBConnection} from "@duckdb/node-api";
import type {OverRecords} from "./kept-records.ts";
import type {PageTable} from "./page-tables.ts";

/** What ends one query before the engine's own limit does, and what it sees. */
export interface QueryBounds {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Tables that this query sees beside the lake's. */
  readonly tables?: readonly PageTable[];
  /** The statement in its parts, where its first tables may be kept for the next ones. */
  readonly records?: OverRecords;
  /** Not a reader's text: it need not be checked whether it only reads. */
  readonly isOurs?: boolean;
}

/** Of a query whose result becomes a file. */
export interface CopyBounds extends QueryBounds {
  /** What the file says of itself. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a query may use up. */
export type Cap = "time" | "memory" | "bytes" | "rows";

/** A query took more than it may of what `cap` names. */
export class QueryLimit extends Error {
  readonly cap: Cap;
  constructor(cap: Cap, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "QueryLimit";
    this.cap = cap;
  }
}

/**
 * Interrupts the connection's query when its time is over, or nobody wants it any more. `explain` turns what the engine
 * throws into the limit that was met, or into the signal's reason, where it was one of these.
 */
export function stopAfter(connection: DuckDBConnection, timeoutMs: number, signal?: AbortSignal) {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    connection.interrupt();
  }, timeoutMs);
  timer.unref();
  const abort = () => connection.interrupt();
  signal?.addEventListener("abort", abort, {once: true});
  return {
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
    explain(error: unknown): unknown {
      if (signal?.aborted) return signal.reason;
      if (isOver) return timeLimit(timeoutMs, error);
      const {message} = error as Error;
      return message.startsWith("Out of Memory Error") ? new QueryLimit("memory", message, {cause: error}) : error;
    }
  };
}

export function timeLimit(timeoutMs: number, cause?: unknown): QueryLimit {
  return new QueryLimit("time", `the query took longer than ${timeoutMs / 1000} s`, {cause});
}
