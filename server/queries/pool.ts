import {availableParallelism, totalmem} from "node:os";
import type {Readable} from "node:stream";
import type {OverRecords} from "../../loaders/lake/kept-records.ts";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import type {ResultColumn, Value} from "../../schema/engine.ts";
import {AnswerBody} from "./answer-body.ts";
import type {AnswerFormat, ProcessOptions, QueryLimits} from "./messages.ts";
import {type ProcessAnswer, QueryProcess} from "./query-process.ts";
import {sweepFolders} from "./sweep.ts";

/** A reader's query: one statement that reads. */
export interface ReaderQuery {
  readonly sql: string;
  /** Bound to `?` in order. */
  readonly parameters?: readonly Value[];
  /** Tables of the page that asks. */
  readonly tables?: readonly PageTable[];
  /** The statement in its parts, where its first tables may be kept: the process that has them answers it. */
  readonly records?: OverRecords;
  /** See {@link QueryMessage}. */
  readonly views?: string;
  readonly isOurs?: boolean;
  readonly format: AnswerFormat;
  readonly limits: QueryLimits;
  /**
   * Whether the answer begins when all of it is there, so that every limit can be told instead of it. One that is streamed
   * takes a place among the few long ones, and can only break off.
   */
  readonly isWhole: boolean;
}

export interface QueryAnswer {
  /** None where the format is Parquet. */
  readonly columns: readonly ResultColumn[];
  /** Destroying it cancels the query. */
  readonly body: Readable;
}

export interface PoolLimits extends Omit<ProcessOptions, "lake" | "folder" | "server"> {
  /** Processes, and with it queries, at once. */
  readonly processes: number;
  /** Processes that stay without a query: a page asks two questions at a time. */
  readonly kept: number;
  /** Of all, answers that are streamed. */
  readonly streamed: number;
  /** Queries that wait for their turn. */
  readonly waiting: number;
  readonly waitMs: number;
  /** Whole answers that the server holds for readers who take their time; beyond it, their processes hold them. */
  readonly heldBytes: number;
  /** A reader who takes nothing for so long is let go. */
  readonly stallMs: number;
  /** A reader of a whole answer is let go after so long. */
  readonly deliverMs: number;
  /** An idle process beside those that stay is ended. */
  readonly idleMs: number;
}

const memoryMb = Math.min(512, Math.floor(totalmem() / 16e6));

export const poolLimits: PoolLimits = {
  processes: 4,
  kept: 2,
  streamed: 2,
  // Twenty readers who each open a page: what waits costs nothing, what is refused is asked again.
  waiting: 128,
  waitMs: 10_000,
  heldBytes: 128e6,
  stallMs: 30_000,
  deliverMs: 60_000,
  idleMs: 60_000,
  threads: Math.min(4, availableParallelism()),
  memoryMb,
  // Beside the engine: Node, its heap, what a result takes on its way.
  processMb: memoryMb + 512,
  spillMb: 4096
};

/** Selections of which it is known who has them. */
const mostHomes = 128;
/**
 * A statement waits for the process that has its selection, unless that is at work on one statement for so long. One that
 * has waited for so long is no more overtaken by short ones.
 */
const patienceMs = 3000;

/** No query can be taken now. */
export class PoolBusy extends Error {
  override readonly name = "PoolBusy";
}

interface Turn {
  readonly since: number;
  readonly isStreamed: boolean;
  /** What its first table is, where it may be kept. */
  readonly select: string | undefined;
  begin(): void;
  refuse(error: Error): void;
}

interface Begun {
  readonly process: QueryProcess;
  readonly isSelecting: boolean;
}

/**
 * Runs readers' queries in processes of their own, one query a process at a time: whatever a query does to its process, the
 * process is ended with it at the limits, and neither the server nor another reader's query is touched.
 */
export class QueryPool {
  readonly #lake: string;
  readonly #limits: PoolLimits;
  readonly #processes = new Set<QueryProcess>();
  readonly #idle = new Map<QueryProcess, NodeJS.Timeout>();
  readonly #turns: Turn[] = [];
  /** Which process last asked of a selection, the latest last; and since when those at work are. */
  readonly #homes = new Map<string, QueryProcess>();
  readonly #since = new Map<QueryProcess, number>();
  #running = 0;
  #streamed = 0;
  /** Of those that run, statements whose selection is to be made: they take ten times as long as others. */
  #selecting = 0;
  #held = 0;
  #isClosed = false;

  constructor(lake: string, limits: PoolLimits = poolLimits) {
    this.#lake = lake;
    this.#limits = limits;
    sweepFolders(lake);
  }

  /** Starts the processes that stay, so that the first queries need not wait for them. */
  warm(): void {
    const missing = this.#limits.kept - [...this.#processes].filter(({isGone}) => !isGone).length;
    for (let n = 0; n < missing && !this.#isClosed; n++) this.#rest(this.#start());
  }

  /** Queries at work and waiting, and their processes. */
  get state(): {running: number; waiting: number; pids: readonly number[]} {
    const pids = [...this.#processes].flatMap(({pid}) => pid ?? []);
    return {running: this.#running, waiting: this.#turns.length, pids};
  }

  /**
   * Runs a query when its turn comes; resolves when its answer begins. Throws a QueryRefused where the statement is wrong, a
   * QueryLimit that names the cap, a PoolBusy where too many wait; the signal's reason where it aborts.
   */
  async run(query: ReaderQuery, signal: AbortSignal): Promise<QueryAnswer> {
    const {isWhole, format, sql, parameters = [], tables = [], records, views, isOurs, limits} = query;
    const select = records?.tables[0]?.select;
    const {process, isSelecting} = await this.#turn(!isWhole, select, signal);
    const left = new AbortController();
    const ended = AbortSignal.any([signal, left.signal]);
    const release = () => {
      this.#running--;
      if (!isWhole) this.#streamed--;
      if (isSelecting) this.#selecting--;
      this.#since.delete(process);
      this.#rest(process);
      this.#next();
    };
    const answer = await process.run(
      {sql, parameters, tables, records, views, isOurs, format, isWhole, ...limits},
      ended,
      release
    );
    const {pieces, letGo} = await this.#hold(answer);
    const body = new AnswerBody(pieces, answer.next, {
      stallMs: this.#limits.stallMs,
      mostMs: isWhole ? this.#limits.deliverMs : Number.POSITIVE_INFINITY
    });
    // Whoever left before there was a body will not destroy it.
    const leave = () => body.destroy();
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, {once: true});
    body.once("close", () => {
      signal.removeEventListener("abort", leave);
      left.abort(new Error("nobody waits for it any more"));
      letGo();
    });
    return {columns: answer.columns, body};
  }

  /** Ends all queries and processes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new PoolBusy("the server is stopping");
    for (const turn of this.#turns.splice(0)) turn.refuse(reason);
    for (const process of this.#processes) process.kill(reason);
    await Promise.all([...this.#processes].map((process) => process.ended));
  }

  /** Takes a whole answer over where there is room for all of it, which frees its process for the next query. */
  async #hold({bytes, next}: ProcessAnswer): Promise<{pieces: Buffer[]; letGo(): void}> {
    const pieces: Buffer[] = [];
    if (bytes === null || this.#held + bytes > this.#limits.heldBytes) return {pieces, letGo() {}};
    this.#held += bytes;
    const letGo = () => {
      this.#held -= bytes;
    };
    try {
      for (let piece = await next(); piece !== null; piece = await next()) pieces.push(piece);
      return {pieces, letGo};
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Resolves when a query may begin, with the process that runs it. */
  async #turn(isStreamed: boolean, select: string | undefined, signal: AbortSignal): Promise<Begun> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new PoolBusy("the server is stopping");
    if (this.#mayBegin(isStreamed, select)) return this.#begin(isStreamed, select);
    const {waiting, waitMs} = this.#limits;
    if (this.#turns.length >= waiting)
      throw new PoolBusy(`${this.#running} queries run and ${waiting} wait: try again in a moment`);
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        const at = this.#turns.indexOf(turn);
        if (at >= 0) this.#turns.splice(at, 1);
      };
      const refuse = (error: Error) => {
        leave();
        reject(error);
      };
      const abort = () => refuse(signal.reason as Error);
      const what = isStreamed ? "exports" : "queries";
      const timer = setTimeout(
        () => refuse(new PoolBusy(`other ${what} took all of ${waitMs / 1000} s: try again in a moment`)),
        waitMs
      );
      const begin = () => {
        leave();
        resolve(this.#begin(isStreamed, select));
      };
      const turn = {since: performance.now(), isStreamed, select, begin, refuse};
      signal.addEventListener("abort", abort, {once: true});
      this.#turns.push(turn);
    });
  }

  #mayBegin(isStreamed: boolean, select: string | undefined): boolean {
    const {processes, streamed} = this.#limits;
    if (this.#running >= processes || (isStreamed && this.#streamed >= streamed)) return false;
    // Short ones find a process, however many filters are new.
    if (this.#isSelecting(select) && this.#selecting >= Math.max(1, processes / 2)) return false;
    // To select rows costs more than to wait for the process that has them.
    const home = select === undefined ? undefined : this.#homes.get(select);
    const since = home === undefined || home.isGone ? undefined : this.#since.get(home);
    return since === undefined || performance.now() - since >= patienceMs;
  }

  /** Whether a statement's selection is to be made first. */
  #isSelecting(select: string | undefined): boolean {
    return select !== undefined && (this.#homes.get(select)?.isGone ?? true);
  }

  #begin(isStreamed: boolean, select: string | undefined): Begun {
    const isSelecting = this.#isSelecting(select);
    this.#running++;
    if (isStreamed) this.#streamed++;
    if (isSelecting) this.#selecting++;
    return {process: this.#take(select), isSelecting};
  }

  #next(): void {
    const first = () => {
      const may = this.#turns.filter(({isStreamed, select}) => this.#mayBegin(isStreamed, select));
      const waited = performance.now() - patienceMs;
      return may.find(({since, select}) => since < waited || !this.#isSelecting(select)) ?? may[0];
    };
    for (let turn = first(); turn; turn = first()) turn.begin();
  }

  #start(): QueryProcess {
    const process = new QueryProcess({...this.#limits, lake: this.#lake});
    this.#processes.add(process);
    void process.ended.then(() => {
      this.#processes.delete(process);
      this.#idle.delete(process);
      this.#since.delete(process);
      for (const [select, home] of this.#homes) if (home === process) this.#homes.delete(select);
    });
    return process;
  }

  /** A process for a statement: the one that has its records where it is free. */
  #take(select: string | undefined): QueryProcess {
    const home = select === undefined ? undefined : this.#homes.get(select);
    const free = [...this.#idle.keys()].filter(({isGone}) => !isGone);
    const process = home && free.includes(home) ? home : (this.#leastHome(free) ?? this.#start());
    clearTimeout(this.#idle.get(process));
    this.#idle.delete(process);
    this.#since.set(process, performance.now());
    setTimeout(() => this.#next(), patienceMs).unref();
    if (select === undefined) return process;
    this.#homes.delete(select);
    this.#homes.set(select, process);
    for (const oldest of this.#homes.keys()) {
      if (this.#homes.size <= mostHomes) break;
      this.#homes.delete(oldest);
    }
    return process;
  }

  /** Of the processes the one that has the fewest selections. */
  #leastHome(processes: readonly QueryProcess[]): QueryProcess | undefined {
    const has = (process: QueryProcess) => [...this.#homes.values()].filter((home) => home === process).length;
    return processes.toSorted((a, b) => has(a) - has(b))[0];
  }

  /** A process stays for the next query: the first ones as long as the server runs, others a while. */
  #rest(process: QueryProcess): void {
    const {processMb, idleMs} = this.#limits;
    const unwanted = () => process.kill(new Error("it was not needed any more"));
    // What it keeps of records is within the engine's memory.
    if (this.#isClosed || process.memoryMb > 0.75 * processMb) unwanted();
    if (process.isGone) {
      this.warm();
      return;
    }
    const timer = setTimeout(() => {
      if (this.#processes.size > this.#limits.kept) unwanted();
    }, idleMs);
    timer.unref();
    this.#idle.set(process, timer);
  }
}
