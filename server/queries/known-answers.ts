import {createHash} from "node:crypto";
import type {OverRecords} from "../../loaders/lake/kept-records.ts";
import {lakeState} from "../../loaders/lake/lake-views.ts";
import type {QueryLimits} from "./messages.ts";
import {PoolBusy, type QueryPool} from "./pool.ts";

/** An answer as JSON, with a tag that differs where the lake does. */
export interface KnownAnswer {
  readonly etag: string;
  readonly body: Buffer;
}

/** Another way to the answer. */
export interface QuickWay {
  /** A statement that gives the same sooner; where it fails, as when the views that it asks have just changed, the other is run. */
  readonly quick?: {readonly sql: string; readonly views?: string} | null;
  /** Both are made here of what a reader named, and need no check. */
  readonly isOurs?: boolean;
  /** The statement in its parts, where its records may be kept. */
  readonly records?: OverRecords;
}

interface Asking {
  readonly answer: Promise<Buffer>;
  readonly left: AbortController;
  waiting: number;
}

const mostBytes = 64e6;

/**
 * Answers to the pages' questions. The same statement over the same lake is run once, however many readers ask; the
 * latest answers are kept until the lake changes. A query that nobody waits for any more is cancelled.
 */
export class KnownAnswers {
  readonly #pool: Pick<QueryPool, "run">;
  readonly #lake: string;
  #state = "";
  #isLooked = false;
  readonly #kept = new Map<string, Buffer>();
  readonly #asking = new Map<string, Asking>();
  #bytes = 0;

  constructor(pool: Pick<QueryPool, "run">, lake: string) {
    this.#pool = pool;
    this.#lake = lake;
  }

  /** Differs whenever the lake does. */
  get state(): string {
    this.#look();
    return this.#state;
  }

  /** The tag of a statement's answer over the lake as it is now. */
  tag(sql: string): string {
    this.#look();
    return `"${createHash("sha256").update(this.#state).update("\0").update(sql).digest("hex").slice(0, 32)}"`;
  }

  /** Runs a statement, or takes what is known of it. Throws as the pool does, and the signal's reason where it aborts. */
  async get(sql: string, limits: QueryLimits, signal: AbortSignal, way: QuickWay = {}): Promise<KnownAnswer> {
    const etag = this.tag(sql);
    const known = this.#kept.get(etag);
    if (known) {
      // The latest used stay longest.
      this.#kept.delete(etag);
      this.#kept.set(etag, known);
      return {etag, body: known};
    }
    const asking = this.#asking.get(etag) ?? this.#ask(etag, sql, limits, way);
    asking.waiting++;
    const leave = () => {
      if (--asking.waiting === 0) asking.left.abort(signal.reason ?? new Error("nobody waits for it any more"));
    };
    signal.addEventListener("abort", leave, {once: true});
    if (signal.aborted) leave();
    try {
      return {etag, body: await asking.answer};
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #ask(etag: string, sql: string, limits: QueryLimits, {quick = null, records, isOurs}: QuickWay): Asking {
    const left = new AbortController();
    const runOne = async (sql: string, {views, records}: {views?: string; records?: OverRecords}) => {
      const {body} = await this.#pool.run(
        {sql, records, views, isOurs, format: "cells", isWhole: true, limits},
        left.signal
      );
      const pieces: Buffer[] = [];
      for await (const piece of body) pieces.push(piece as Buffer);
      return Buffer.concat(pieces);
    };
    const run = async () => {
      try {
        const whole = await (quick === null
          ? runOne(sql, {records})
          : runOne(quick.sql, {views: quick.views}).catch((error) => {
              if (left.signal.aborted || error instanceof PoolBusy) throw error;
              return runOne(sql, {records});
            }));
        this.#keep(etag, whole);
        return whole;
      } finally {
        this.#asking.delete(etag);
      }
    };
    const asking = {answer: run(), left, waiting: 0};
    this.#asking.set(etag, asking);
    return asking;
  }

  #keep(etag: string, body: Buffer): void {
    this.#kept.set(etag, body);
    this.#bytes += body.length;
    for (const [oldest, {length}] of this.#kept) {
      if (this.#bytes <= mostBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
  }

  /** Looks at the lake once in a turn of the event loop: a request asks several times, and looks took half of its time. */
  #look(): void {
    if (this.#isLooked) return;
    this.#isLooked = true;
    setImmediate(() => {
      this.#isLooked = false;
    });
    const state = lakeState(this.#lake);
    if (state === this.#state) return;
    this.#state = state;
    this.#kept.clear();
    this.#bytes = 0;
  }
}
