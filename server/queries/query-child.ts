import {rmSync, writeFileSync} from "node:fs";
import {Socket} from "node:net";
import {setPriority} from "node:os";
import {Worker} from "node:worker_threads";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {viewState} from "../../loaders/lake/lake-views.ts";
import {QueryLimit, timeLimit} from "../../loaders/lake/query-limit.ts";
import {StatementRefused} from "../../loaders/lake/statement-check.ts";
import {answerPieces} from "./answer-pieces.ts";
import {frame, frameKind, jsonFrame, largestPayload, readFrames} from "./frames.ts";
import type {AnswerFailure, AnswerHead, Order, ProcessOptions, QueryMessage} from "./messages.ts";

/**
 * Runs readers' queries one after the other. Orders come and answers leave as frames on file descriptor 3; the
 * other end takes as much as its reader does. Ends when that end is closed.
 */
async function serve(options: ProcessOptions): Promise<void> {
  yieldToOthers();
  const watchdog = startWatchdog(options);
  const socket = new Socket({fd: 3, readable: true, writable: true});
  const leave = () => {
    rmSync(options.folder, {recursive: true, force: true});
    // An exit would wait for the engine's threads.
    process.kill(process.pid, "SIGKILL");
  };
  socket.on("error", leave).on("close", leave);
  const {lake, folder, threads, memoryMb, spillMb} = options;
  const engine = await openLake(lake, {
    threads,
    memoryMb,
    spillMb,
    spillFolder: `${folder}/spill`,
    exportFolder: folder,
    maxRows: Number.MAX_SAFE_INTEGER
  });
  let current = new AbortController();
  // An answer's last frame may bring the next order before the answer knows that it was taken.
  let last: Promise<void> = Promise.resolve();
  for await (const {payload} of readFrames(socket)) {
    const order = JSON.parse(String(payload)) as Order;
    if ("cancel" in order) current.abort(new Error("cancelled"));
    else {
      const {signal} = (current = new AbortController());
      last = last.then(async () => {
        await send(jsonFrame(frameKind.begun, {}));
        watchdog.begin(order.run.timeoutMs);
        await answer(order.run, signal);
        watchdog.end();
      });
    }
  }

  async function answer(query: QueryMessage, signal: AbortSignal): Promise<void> {
    try {
      await engine.refresh();
      if (query.views !== undefined && query.views !== viewState(lake)) throw new Error("the lake has changed");
      const counted = {rows: 0};
      const {columns, pieces} = await answerPieces(engine, query, folder, counted, signal);
      const headOf = (size: number | null) => jsonFrame(frameKind.head, {columns, bytes: size} satisfies AnswerHead);
      const head = headOf(null);
      if (head.length > largestPayload) throw new QueryLimit("bytes", `${columns.length} columns are too many`);
      const held: Uint8Array[] = [];
      let bytes = 0;
      if (!query.isWhole) await send(head);
      for await (const piece of pieces) {
        if ((bytes += piece.length) > query.bytes)
          throw new QueryLimit(
            "bytes",
            `the answer has more than ${query.bytes.toLocaleString("en")} bytes; add a LIMIT`
          );
        if (counted.rows > query.rows)
          throw new QueryLimit("rows", `the result has more than ${query.rows.toLocaleString("en")} rows; add a LIMIT`);
        if (query.isWhole) held.push(piece);
        else await sendData(piece);
      }
      // What is left is to be taken, which is not a matter of the query's time.
      watchdog.end();
      if (query.isWhole) await send(headOf(bytes));
      for (const piece of held) await sendData(piece);
      await send(jsonFrame(frameKind.end, {rows: counted.rows, memoryMb: Math.round(process.memoryUsage.rss() / 1e6)}));
    } catch (error) {
      const failure = signal.aborted ? {cap: null, message: "cancelled", isRefused: false} : failureOf(error, query);
      await send(jsonFrame(frameKind.failed, failure));
    }
  }

  function send(bytes: Uint8Array): Promise<void> {
    return new Promise((taken) => socket.write(bytes, () => taken()));
  }

  async function sendData(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; at += largestPayload)
      await send(frame(frameKind.data, piece.subarray(at, at + largestPayload)));
  }
}

const longestMessage = 4000;

function failureOf(error: unknown, query: QueryMessage): AnswerFailure {
  const {message, name} = error as Error;
  const failure = (cap: AnswerFailure["cap"], text: string, isRefused = false) => ({
    cap,
    message: text.slice(0, longestMessage),
    isRefused
  });
  if (error instanceof QueryLimit) return failure(error.cap, message);
  if (error instanceof StatementRefused) return failure(null, message, true);
  // A text longer than V8 can hold, or an array.
  if (name === "RangeError") return failure("memory", `the result does not fit into memory: ${message}`);
  if (message.startsWith("INTERRUPT Error")) return failure("time", timeLimit(query.timeoutMs).message);
  return failure(null, message, /^[A-Z][A-Za-z ]+ Error|^Failed to/.test(message));
}

/** Shares the state with the watchdog's thread. */
function startWatchdog({processMb, folder, server}: ProcessOptions) {
  const state = new BigInt64Array(new SharedArrayBuffer(8));
  const workerData = {state: state.buffer, processMb, folder, server};
  new Worker(new URL("./watchdog.js", import.meta.url), {workerData}).unref();
  const set = (until: bigint) => {
    Atomics.store(state, 0, until);
    Atomics.notify(state, 0);
  };
  return {
    /** The engine is interrupted first, which a query may heed. */
    begin: (timeoutMs: number) => set(BigInt(Date.now() + timeoutMs + graceMs)),
    end: () => set(0n)
  };
}

const graceMs = 500;

/** Readers' queries come after everything else: for processors, and for memory when the system has none left. */
function yieldToOthers(): void {
  try {
    setPriority(5);
  } catch {
    // Not everywhere.
  }
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Linux only.
  }
}

await serve(JSON.parse(process.argv[2]) as ProcessOptions);
