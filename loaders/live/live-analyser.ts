import {Worker} from "node:worker_threads";
import type {LiveBatch} from "../../schema/live/batch.ts";
import type {AnalysisOptions, LiveFindings} from "./live-analysis.ts";

/** What the thread is told at its beginning. */
export type AnalyserSettings = Omit<AnalysisOptions, "clock">;

export type AnalyserRequest =
  | {readonly kind: "batch"; readonly batch: LiveBatch; readonly asked: readonly string[]}
  | {readonly kind: "close"};

export type AnalyserReply =
  | {readonly kind: "ready"}
  | {readonly kind: "findings"; readonly findings: LiveFindings}
  | {readonly kind: "failed"; readonly error: Error};

export interface AnalyserOptions extends AnalyserSettings {
  readonly onFindings: (findings: LiveFindings) => void;
  /** It cannot go on; the capture can, and is judged when its parts are sealed. */
  readonly onFailure: (error: Error) => void;
}

/** A `LiveAnalysis` in a thread of its own, so that the capture's packets do not wait for it: one batch at a time. */
export class LiveAnalyser {
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  #isFree = false;
  #isOver = false;
  #wake: (() => void) | null = null;

  constructor({onFindings, onFailure, ...settings}: AnalyserOptions) {
    this.#thread = new Worker(new URL("./live-analyser-thread.js", import.meta.url), {
      workerData: settings satisfies AnalyserSettings
    });
    const fail = (error: Error) => {
      if (!this.#isOver) onFailure(error);
      this.#isOver = true;
      this.#free();
    };
    this.#thread.on("message", (reply: AnalyserReply) => {
      if (reply.kind === "failed") return fail(reply.error);
      if (reply.kind === "findings") onFindings(reply.findings);
      this.#free();
    });
    this.#thread.on("error", (error) => fail(error as Error));
    this.#ended = new Promise((resolve) =>
      this.#thread.on("exit", () => {
        fail(new Error("its thread ended"));
        resolve();
      })
    );
  }

  /** Judges the batch that `make` gives; false, without making it, where it is still at work on another one. */
  offer(make: () => LiveBatch, asked: readonly string[]): boolean {
    if (!this.#isFree || this.#isOver) return false;
    const batch = make();
    this.#isFree = false;
    // A block is one piece of memory, and nobody else's.
    const memory = [...batch.flows, ...batch.features].map(({columns: [first]}) => (first as BigInt64Array).buffer);
    this.#thread.postMessage({kind: "batch", batch, asked} satisfies AnalyserRequest, memory as ArrayBuffer[]);
    return true;
  }

  /** Ends it when it has judged what it was given. */
  async close(): Promise<void> {
    while (!this.#isFree && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (!this.#isOver) {
      this.#isOver = true;
      this.#thread.postMessage({kind: "close"} satisfies AnalyserRequest);
    }
    await this.#ended;
  }

  #free(): void {
    this.#isFree = true;
    this.#wake?.();
    this.#wake = null;
  }
}
