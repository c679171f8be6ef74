import {mergeParts} from "../capture/partitions/merge.ts";
import {classifyNewFlows} from "../loaders/classify.ts";
import {detectNotices} from "../loaders/notices.ts";
import {type RetentionLimits, retainParts} from "../loaders/retention.ts";
import {type VerdictDelay, VerdictDelays} from "../loaders/verdict-delay.ts";

/** A closed TCP flow waits this long for stragglers (CLOSE_GRACE of the meter's core). */
const closeGraceMs = 5000;
const partsBetweenMerges = 12;
const retainEveryMs = 60_000;
/** Rules judge a capture as a whole; they rest this many times as long as they took. */
const restFactor = 3;

export interface ScoringOptions {
  readonly lake: string;
  /** Without it parts are only merged and retained. */
  readonly score: boolean;
  readonly localNets: readonly string[];
  readonly idleTimeoutS: number;
  readonly retention: RetentionLimits;
  readonly clock: () => number;
  readonly onWarning: (text: string) => void;
  /** After parts were scored; `reason` says why their flows have no verdicts, null where they have. Its failure is a warning. */
  readonly onScored?: (parts: readonly string[], reason: string | null) => Promise<void>;
  /** After rules judged the capture. */
  readonly onJudged?: () => Promise<void>;
}

export interface ScoringResult {
  readonly verdicts: number;
  readonly notices: number;
  readonly merged: number;
  readonly removed: number;
  readonly delay: VerdictDelay;
}

/** What follows the sealing of parts, one thing after another and never twice at once: verdicts, notices, merging, retention. */
export class LiveScoring {
  verdicts = 0;
  notices = 0;
  merged = 0;
  removed = 0;
  readonly #options: ScoringOptions;
  readonly #delays: VerdictDelays;
  #waiting: string[] = [];
  #unmerged = 0;
  #work: Promise<void> | null = null;
  #rulesRestUntilMs = 0;
  #retainedMs: number;
  readonly #warned = new Set<string>();

  constructor(options: ScoringOptions) {
    this.#options = options;
    this.#delays = new VerdictDelays(closeGraceMs, options.idleTimeoutS * 1000);
    this.#retainedMs = options.clock();
  }

  /** Takes a sealed part on. */
  add(part: string): void {
    this.#waiting.push(part);
    this.#unmerged++;
    this.#work ??= this.#run();
  }

  /** Brings everything to its end, and merges what the run left. */
  async finish(run: string | null): Promise<ScoringResult> {
    await this.#work;
    const {lake, score, clock} = this.#options;
    if (score) await this.#attempt("notices", () => this.#detect());
    await this.#attempt("merging", async () => {
      if (run) this.merged += (await mergeParts(lake, clock(), run)).length;
    });
    await this.#retain();
    return {
      verdicts: this.verdicts,
      notices: this.notices,
      merged: this.merged,
      removed: this.removed,
      delay: this.#delays.delay
    };
  }

  async #run(): Promise<void> {
    const {lake, score, clock} = this.#options;
    while (this.#waiting.length > 0) {
      const parts = this.#waiting.splice(0);
      if (score) {
        await this.#attempt("verdicts", () => this.#classify(parts));
        if (clock() >= this.#rulesRestUntilMs) await this.#attempt("notices", () => this.#detect());
      }
      if (this.#unmerged >= partsBetweenMerges) {
        this.#unmerged = 0;
        await this.#attempt("merging", async () => {
          this.merged += (await mergeParts(lake, clock())).length;
        });
      }
      if (clock() - this.#retainedMs >= retainEveryMs) await this.#retain();
    }
    this.#work = null;
  }

  async #classify(parts: readonly string[]): Promise<void> {
    const {lake, clock, onScored} = this.#options;
    const {verdicts, model, reason} = await classifyNewFlows(lake, {clock});
    this.verdicts += verdicts;
    if (model) await this.#delays.add(lake, parts, clock());
    else this.#warn(`flows get no verdicts: ${reason?.message ?? "there is no model"}`);
    await onScored?.(parts, model ? null : (reason?.message ?? "there is no model"));
  }

  async #detect(): Promise<void> {
    const {lake, clock, localNets, onJudged} = this.#options;
    const begun = clock();
    const {notices, captures} = await detectNotices({lake, clock, localNets});
    // The capture is judged anew each time: its notices replace those before.
    if (captures > 0) {
      this.notices = notices;
      await onJudged?.();
    }
    this.#rulesRestUntilMs = clock() + restFactor * (clock() - begun);
  }

  async #retain(): Promise<void> {
    const {lake, retention, clock} = this.#options;
    this.#retainedMs = clock();
    await this.#attempt("retention", async () => {
      this.removed += (await retainParts(lake, retention, clock())).removed.length;
    });
  }

  /** What fails here is told, and does not end the capture. */
  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#warn(`${what}: ${(error as Error).message}`);
    }
  }

  #warn(text: string): void {
    if (this.#warned.has(text) || this.#warned.size > 50) return;
    this.#warned.add(text);
    this.#options.onWarning(text);
  }
}
