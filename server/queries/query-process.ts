import {type ChildProcess, spawn} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Duplex} from "node:stream";
import {fileURLToPath} from "node:url";
import {type Cap, QueryLimit, timeLimit} from "../../loaders/lake/query-limit.ts";
import {broughtTo} from "./brought-table.ts";
import {type Frame, frameKind, jsonFrame, readFrames} from "./frames.ts";
import type {AnswerEnd, AnswerFailure, AnswerHead, Order, ProcessOptions, QueryMessage} from "./messages.ts";

/** What a query says of itself that is wrong: no SQL, no such column, a statement that does more than read. */
export class QueryRefused extends Error {
  override readonly name = "QueryRefused";
}

/** The answer of a process, as its reader takes it. */
export interface ProcessAnswer {
  readonly columns: AnswerHead["columns"];
  readonly bytes: AnswerHead["bytes"];
  /** The next bytes; null at the end. Throws where the query fails on its way. */
  next(): Promise<Buffer | null>;
}

/** Where a query is still at work so long after it was cancelled, its process is killed. */
const cancelGraceMs = 300;
/** Its own watchdog comes first. */
const timeGraceMs = 2000;
const startMs = 60_000;
const heapMb = 256;
const keptWords = 8000;

/** A process that runs one query at a time and can be killed with it. */
export class QueryProcess {
  /** Resolves when the process is gone, however it went. */
  readonly ended: Promise<void>;
  readonly pid: number | undefined;
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #frames: AsyncGenerator<Frame>;
  readonly #options: ProcessOptions;
  #said = "";
  #isGone = false;
  #memoryMb = 0;
  #killedFor: Error | null = null;
  #timeoutMs = 0;

  constructor(options: Omit<ProcessOptions, "folder" | "server">) {
    this.#options = {...options, folder: ownFolder(options.lake), server: process.pid};
    const entry = fileURLToPath(new URL("./query-child.js", import.meta.url));
    const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, entry, JSON.stringify(this.#options)], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // Nothing of ours: no secrets, no settings of Node's.
      env: {PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, TMPDIR: process.env.TMPDIR},
      windowsHide: true
    });
    this.pid = child.pid;
    this.#child = child;
    this.#socket = child.stdio[3] as Duplex;
    // It ends with the process, which says more.
    this.#socket.on("error", () => {});
    this.#frames = readFrames(this.#socket);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      // V8 says why it gives up before it prints its stack.
      this.#said = (this.#said + text).slice(0, keptWords);
    });
    this.ended = new Promise((resolve) => {
      const over = () => {
        this.#isGone = true;
        rmSync(this.#options.folder, {recursive: true, force: true});
        resolve();
      };
      child.on("error", (error) => {
        this.#said = error.message;
        over();
      });
      child.on("exit", () => this.#socket.destroy());
      child.on("close", over);
    });
  }

  get isGone(): boolean {
    return this.#isGone || this.#killedFor !== null;
  }

  /** Memory after its last query, in MB. */
  get memoryMb(): number {
    return this.#memoryMb;
  }

  /**
   * Runs a query: resolves with the beginning of its answer. `settled` is called once, when the process is free again or
   * gone. When the signal aborts, the query is interrupted, and the process killed where that does not help at once.
   */
  async run(query: QueryMessage, signal: AbortSignal, settled: () => void): Promise<ProcessAnswer> {
    this.#timeoutMs = query.timeoutMs;
    let grace: NodeJS.Timeout | undefined;
    let outcome: "whole" | Error | null = null;
    // Until it begins, its process may still be starting, which is no matter of the query's time.
    let late = setTimeout(() => this.kill(new Error(`no process started in ${startMs / 1000} s`)), startMs);
    const settle = (as: "whole" | Error) => {
      if (outcome !== null) return;
      outcome = as;
      clearTimeout(late);
      clearTimeout(grace);
      signal.removeEventListener("abort", cancel);
      settled();
    };
    const read = async (): Promise<Buffer | null> => {
      let frame = outcome === null ? await this.#frame() : null;
      if (frame?.kind === frameKind.begun) {
        clearTimeout(late);
        late = setTimeout(() => this.kill(timeLimit(query.timeoutMs)), query.timeoutMs + timeGraceMs);
        frame = await this.#frame();
      }
      if (outcome === null && frame === null) settle(this.#fate());
      else if (frame?.kind === frameKind.failed) settle(signal.aborted ? signal.reason : errorOf(frame));
      else if (frame?.kind === frameKind.end) {
        this.#memoryMb = (JSON.parse(String(frame.payload)) as AnswerEnd).memoryMb;
        settle("whole");
      }
      if (outcome === "whole") return null;
      if (outcome !== null) throw outcome;
      return frame?.payload ?? null;
    };
    // One after the other: a frame after the last one would be of the next query.
    let last: Promise<unknown> = Promise.resolve();
    const next = () => {
      const piece = last.then(read, read);
      last = piece.catch(() => {});
      return piece;
    };
    const cancel = () => {
      this.#tell({cancel: true});
      grace = setTimeout(() => this.kill(signal.reason as Error), cancelGraceMs);
      // What is still on its way is not wanted, only its end.
      void (async () => {
        while (outcome === null) await next().catch(() => {});
      })();
    };
    signal.addEventListener("abort", cancel, {once: true});
    if (signal.aborted) cancel();
    this.#tell({run: {...query, tables: query.tables.map((table) => broughtTo(this.#options.folder, table))}});
    const head = await next();
    // All is computed when a whole answer begins: what remains is a matter of its reader.
    if (query.isWhole) clearTimeout(late);
    return {...(JSON.parse(String(head)) as AnswerHead), next};
  }

  /** Ends it at once, and with it the query that runs, for a reason. */
  kill(reason: Error): void {
    this.#killedFor ??= reason;
    this.#child.kill("SIGKILL");
  }

  /** The next frame; null when the process is gone. */
  async #frame(): Promise<Frame | null> {
    try {
      const {value, done} = await this.#frames.next();
      if (!done) return value;
    } catch {
      // Why it is gone, the process itself tells better than its socket.
    }
    await this.ended;
    return null;
  }

  #tell(order: Order): void {
    if (!this.#socket.destroyed) this.#socket.write(jsonFrame(frameKind.order, order));
  }

  /** Why the process is gone. */
  #fate(): Error {
    if (this.#killedFor) return this.#killedFor;
    const cap = /^ended: (time|memory)$/m.exec(this.#said)?.[1] as Cap | undefined;
    const {signalCode, exitCode} = this.#child;
    // Killed by the system for want of memory, or by V8 for want of heap.
    const isOut = signalCode === "SIGKILL" || /heap out of memory|std::bad_alloc/.test(this.#said);
    if (cap === "time") return timeLimit(this.#timeoutMs);
    if (cap === "memory" || isOut)
      return new QueryLimit(
        "memory",
        `the query took more than ${this.#options.processMb} MB of memory, and was ended`
      );
    const words = this.#said.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
    return new Error(`the query ended its process by ${signalCode ?? `code ${exitCode}`}${words && `: ${words}`}`);
  }
}

function errorOf({payload}: Frame): Error {
  const {cap, message, isRefused} = JSON.parse(String(payload)) as AnswerFailure;
  if (cap) return new QueryLimit(cap, message);
  return isRefused ? new QueryRefused(message) : new Error(message);
}

/** A folder of a process's own: in the lake, where there is room for what is spilled, else among temporary files. */
function ownFolder(lake: string): string {
  try {
    const spill = join(lake, ".spill");
    mkdirSync(spill, {recursive: true, mode: 0o700});
    return mkdtempSync(join(spill, `query-${process.pid}-`));
  } catch {
    return mkdtempSync(join(tmpdir(), `flowbook-query-${process.pid}-`));
  }
}
