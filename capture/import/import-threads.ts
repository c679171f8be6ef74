import {Worker} from "node:worker_threads";
import type {MeterSettings} from "../meter/meter.ts";
import {closeRun, openRun, type Run, removeLeftovers} from "../partitions/run.ts";
import type {ImportLedger} from "./import-ledger.ts";
import type {WorkerOptions, WorkerReply, WorkerRequest} from "./import-messages.ts";
import type {CaptureFile} from "./import-paths.ts";

export interface SideBySideOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly settings: Omit<MeterSettings, "captureSeed">;
  readonly sensor?: string | null;
  readonly workers: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads files in threads side by side: each takes one after another, the largest first, so that none is left alone with
 * a large one at the end, and seals parts of its own. Ends when all threads have; throws the first failure of one, or
 * the signal's reason, and then what they have not sealed is gone. `start` starts a thread.
 */
export async function importSideBySide(
  files: readonly CaptureFile[],
  ledger: ImportLedger,
  {lake, clock, settings, sensor = null, workers, signal}: SideBySideOptions,
  start: (options: WorkerOptions) => Worker = startThread
): Promise<void> {
  removeLeftovers(lake, clock());
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const aheadMs = clock() - Date.now();
  const runs: Run[] = [];
  const threads: Worker[] = [];
  try {
    for (let k = 0; k < workers; k++) {
      const run = openRun(lake, clock());
      runs.push(run);
      threads.push(start({lake, run, settings, sensor, aheadMs, stop}));
    }
    await new Distribution(files, ledger, threads, stop).done(signal);
  } finally {
    // They have ended, unless one could not be started.
    for (const thread of threads) await thread.terminate();
    for (const run of runs) closeRun(run);
  }
}

/** Hands files out to threads, and their answers to the ledger. */
class Distribution {
  readonly #files: readonly CaptureFile[];
  readonly #ledger: ImportLedger;
  readonly #threads: readonly Worker[];
  readonly #stop: Int32Array;
  /** Files to take, the next one first. */
  readonly #queue: number[];
  #failure: {readonly reason: unknown} | null = null;

  constructor(files: readonly CaptureFile[], ledger: ImportLedger, threads: readonly Worker[], stop: Int32Array) {
    this.#files = files;
    this.#ledger = ledger;
    this.#threads = threads;
    this.#stop = stop;
    this.#queue = [...files.keys()].sort((a, b) => files[b].bytes - files[a].bytes);
  }

  async done(signal: AbortSignal | undefined): Promise<void> {
    const abort = () => this.#fail(signal?.reason);
    signal?.addEventListener("abort", abort, {once: true});
    try {
      const ends = this.#threads.map((thread) => this.#serve(thread));
      if (signal?.aborted) abort();
      await Promise.all(ends);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (this.#failure) throw this.#failure.reason;
  }

  /** Resolves when the thread has ended. */
  #serve(thread: Worker): Promise<void> {
    const fail = (reason: unknown) => this.#fail(reason);
    let isDone = false;
    thread.on("message", (reply: WorkerReply) => {
      isDone ||= reply.kind === "ended" || reply.kind === "failed";
      this.#hear(thread, reply).catch(fail);
    });
    thread.on("error", fail);
    this.#next(thread);
    return new Promise((resolve) =>
      thread.on("exit", (code) => {
        if (!isDone) fail(new Error(`a thread of the import ended with code ${code}`));
        resolve();
      })
    );
  }

  async #hear(thread: Worker, reply: WorkerReply): Promise<void> {
    const ledger = this.#ledger;
    if (reply.kind === "hash")
      tell(thread, {kind: "answer", answer: await ledger.mayRead(reply.number, reply.sha256, reply.content)});
    else if (reply.kind === "packets") ledger.packets(reply.number, reply.readBytes, reply.packets);
    else if (reply.kind === "sealed") ledger.sealed(reply.part, reply.captures);
    else if (reply.kind === "failed") this.#fail(reply.error);
    else if (reply.kind === "taken") {
      this.#queue.unshift(...ledger.settle(reply.number, reply.taken));
      this.#next(thread);
    }
  }

  /** Gives the thread the next file. Where there is none it seals: one that has to be taken again goes to who is left. */
  #next(thread: Worker): void {
    const number = this.#queue.shift();
    tell(thread, number === undefined ? {kind: "end"} : {kind: "file", number, file: this.#files[number]});
  }

  /** Ends all threads for the first reason given. */
  #fail(reason: unknown): void {
    if (this.#failure) return;
    this.#failure = {reason};
    Atomics.store(this.#stop, 0, 1);
    for (const thread of this.#threads) tell(thread, {kind: "stop"});
  }
}

function tell(thread: Worker, request: WorkerRequest): void {
  thread.postMessage(request);
}

function startThread(options: WorkerOptions): Worker {
  return new Worker(new URL("./import-worker.js", import.meta.url), {workerData: options});
}
