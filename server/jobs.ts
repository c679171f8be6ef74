import {join} from "node:path";
import {readSmallFile, stateBytes} from "../capture/partitions/small-file.ts";
import type {ResultState} from "../loaders/results/freshness.ts";
import {type Run, replaceFile, resultsFolder} from "../loaders/results/freshness-ledger.ts";
import {oneAtATime} from "./one-at-a-time.ts";

/** What a job comes to; `error` is in words for the person who started it. */
export interface JobOutcome {
  readonly error: string | null;
  /** What the import printed, as it printed it; null for a renewal. */
  readonly summary: unknown;
}

/** An import, a capture that is forgotten, or a renewal of results, as pages and the API see it. */
export interface Job {
  readonly id: number;
  readonly kind: "import" | "forget" | "renew";
  /** What is imported, by the name that its sender gave: text from a stranger, to be shown as text. */
  readonly label: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly error: string | null;
  readonly summary: unknown;
  /** The renewal that belongs to the job, once it has begun. */
  readonly run: Run | null;
}

export type JobEvent = {type: "job"; data: Job} | {type: "results"; data: readonly ResultState[]};

/** A capture as the lake knows it; `path` is text from a stranger. */
export interface LakeCapture {
  readonly sha256: string;
  readonly path: string;
}

/** What the jobs do; each function ends, whatever happens, with an outcome. */
export interface Work {
  importFile(path: string, label: string, signal: AbortSignal): Promise<JobOutcome>;
  /** Reads a capture of the lake again, from its file or the lake's own copy. */
  importAgain(capture: LakeCapture, signal: AbortSignal): Promise<JobOutcome>;
  /** Takes a capture out of the lake. */
  forget(capture: LakeCapture, signal: AbortSignal): Promise<JobOutcome>;
  /** `force`: every result, or the one of that name; else what is stale. */
  renew(force: boolean | string, onProgress: (run: Run) => void, signal: AbortSignal): Promise<JobOutcome>;
  states(): Promise<readonly ResultState[]>;
}

/** What a job does before results are renewed. */
type Begin = (signal: AbortSignal) => Promise<JobOutcome>;

const mostWaiting = 16;
const keptJobs = 100;

/** Imports and renewals, one after the other in the order they came; the newest hundred are kept in the lake. */
export class Jobs {
  private jobs: Job[];
  private readonly queue: {id: number; begin: Begin | null; force: boolean | string}[] = [];
  private readonly listeners = new Set<(event: JobEvent) => void>();
  private readonly abort = new AbortController();
  private current: Promise<void> | null = null;
  private readonly lake: string;
  private readonly work: Work;
  private readonly now: () => number;
  /** Every result's state: it takes a hash of each loader with all it imports. */
  readonly states: () => Promise<readonly ResultState[]>;

  constructor(lake: string, work: Work, now: () => number) {
    this.lake = lake;
    this.work = work;
    this.now = now;
    this.states = oneAtATime(() => work.states());
    this.jobs = readJobs(lake);
  }

  /** Queues the import of a file, which is then followed by a renewal; null where too many wait. */
  import(path: string, label: string): Job | null {
    return this.add("import", label, (signal) => this.work.importFile(path, label, signal), false);
  }

  /** Queues that a capture of the lake is read again; null where too many wait. */
  importAgain(capture: LakeCapture): Job | null {
    return this.add("import", capture.path, (signal) => this.work.importAgain(capture, signal), false);
  }

  /** Queues that a capture is taken out of the lake; null where too many wait. */
  forget(capture: LakeCapture): Job | null {
    return this.add("forget", capture.path, (signal) => this.work.forget(capture, signal), false);
  }

  /** Queues a renewal of stale results, of all, or of stale ones and the one of a name; null where too many wait. */
  renew(force: boolean | string): Job | null {
    const label = typeof force === "string" ? force : force ? "every result" : "stale results";
    return this.add("renew", label, null, force);
  }

  /** Newest first. */
  list(): readonly Job[] {
    return this.jobs.toReversed();
  }

  get(id: number): Job | undefined {
    return this.jobs.find((job) => job.id === id);
  }

  active(): readonly Job[] {
    return this.jobs.filter(({state}) => state === "waiting" || state === "running");
  }

  running(): number {
    return this.active().length;
  }

  subscribe(listener: (event: JobEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    while (this.current) await this.current;
  }

  /** Ends what runs; what waits is not begun. */
  async close(): Promise<void> {
    this.abort.abort();
    await this.idle();
  }

  private add(kind: Job["kind"], label: string, begin: Begin | null, force: boolean | string): Job | null {
    if (this.queue.length >= mostWaiting) return null;
    const id = (this.jobs.at(-1)?.id ?? 0) + 1;
    const job: Job = {
      id,
      kind,
      label,
      state: "waiting",
      startedAtMs: null,
      finishedAtMs: null,
      error: null,
      summary: null,
      run: null
    };
    this.jobs = [...this.jobs, job].slice(-keptJobs);
    this.queue.push({id, begin, force});
    this.tell({type: "job", data: job});
    this.current ??= this.drain();
    return job;
  }

  private async drain(): Promise<void> {
    // What is queued in this turn is seen by its sender before it begins.
    await Promise.resolve();
    for (let next = this.queue.shift(); next; next = this.queue.shift()) await this.perform(next);
    this.current = null;
  }

  private async perform({id, begin, force}: Jobs["queue"][number]): Promise<void> {
    const {signal} = this.abort;
    if (signal.aborted) return this.change(id, {state: "failed", error: "the server was stopped"});
    this.change(id, {state: "running", startedAtMs: this.now()});
    const imported = begin === null ? {error: null, summary: null} : await begin(signal);
    const renewed = await this.work.renew(force, (run) => this.change(id, {run}), signal);
    const error = imported.error ?? renewed.error;
    this.change(id, {
      state: error === null ? "done" : "failed",
      error,
      summary: imported.summary,
      finishedAtMs: this.now()
    });
    try {
      this.tell({type: "results", data: await this.states()});
    } catch {
      // Who asks for them is told why there are none.
    }
  }

  private change(id: number, change: Partial<Job>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? {...job, ...change} : job));
    const job = this.get(id);
    if (!job) return;
    if (job.finishedAtMs !== null || job.state === "failed") this.keep();
    this.tell({type: "job", data: job});
  }

  private keep(): void {
    try {
      replaceFile(join(resultsFolder(this.lake), "jobs.json"), JSON.stringify(this.jobs, null, 1));
    } catch {
      // On a full disk the list of this run is still told; only the next one does not know it.
    }
  }

  private tell(event: JobEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** The jobs of earlier servers; what they did not finish was broken off. A damaged file counts as none. */
function readJobs(lake: string): Job[] {
  try {
    const jobs: unknown = JSON.parse(readSmallFile(join(resultsFolder(lake), "jobs.json"), 4 * stateBytes));
    if (!Array.isArray(jobs)) return [];
    return jobs
      .filter(isJob)
      .map((job) =>
        job.state === "done" || job.state === "failed"
          ? job
          : {...job, state: "failed", error: "the server was stopped"}
      );
  } catch {
    return [];
  }
}

/** Whether a job has what its readers rely on; the file may be somebody else's. */
function isJob(job: unknown): job is Job {
  if (typeof job !== "object" || job === null) return false;
  const {id, kind, label, error} = job as Partial<Job>;
  const isText = typeof kind === "string" && typeof label === "string" && (error === null || typeof error === "string");
  return Number.isSafeInteger(id) && isText;
}
