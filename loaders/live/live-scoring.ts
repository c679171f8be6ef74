import {mergeParts} from "../../capture/partitions/merge.ts";
import {type LoadedModels, loadModel} from "../../models/model.ts";
import type {LiveBatch} from "../../schema/live/batch.ts";
import type {NoticeRow} from "../../schema/notices.ts";
import {judgeNewActivities} from "../judge/activities.ts";
import {classifyNewFlows, defaultModels} from "../judge/classify.ts";
import {type Evidence, noticeEvidence} from "../judge/evidence.ts";
import {buildIncidents, type Incident} from "../judge/incident-builder.ts";
import {joinIncidents} from "../judge/incidents.ts";
import {detectNotices} from "../judge/notices.ts";
import {type RetentionLimits, retainParts} from "../lake/retention.ts";
import {LiveAnalyser} from "./live-analyser.ts";
import type {LiveFindings, PacketDelay} from "./live-analysis.ts";
import {LiveNotices, noticesOf, writeLiveNotices} from "./live-notices.ts";
import {type VerdictDelay, VerdictDelays} from "./verdict-delay.ts";

/** A closed TCP flow waits this long for stragglers (CLOSE_GRACE of the meter's core). */
const closeGraceMs = 5000;
const partsBetweenMerges = 12;
const retainEveryMs = 60_000;
/**
 * Rules that judge a capture as a whole take longer as it grows: they rest this many times as long as they took, so that
 * a twentieth of the time is theirs. What is new is found by windows meanwhile, and without them it has a quarter.
 */
const restFactor = {withWindows: 19, alone: 3} as const;

export interface ScoringOptions {
  readonly lake: string;
  /** Without it parts are only merged and retained. */
  readonly score: boolean;
  readonly localNets: readonly string[];
  readonly idleTimeoutS: number;
  readonly retention: RetentionLimits;
  readonly clock: () => number;
  /** A clock that is never set, in ms, which rests are measured by; the process's own without it. */
  readonly steady?: () => number;
  readonly onWarning: (text: string) => void;
  /** After parts were scored; `reason` says why their flows have no verdicts, null where they have. Its failure is a warning. */
  readonly onScored?: (parts: readonly string[], reason: string | null) => Promise<void>;
  /** With the incidents known, after they came, grew or went. */
  readonly onIncidents?: (incidents: readonly Incident[]) => void;
  /** After flows were judged while they went on. */
  readonly onFindings?: (findings: LiveFindings) => void;
}

export interface ScoringResult {
  readonly verdicts: number;
  readonly notices: number;
  /** Without merged ones. */
  readonly incidents: number;
  readonly merged: number;
  readonly removed: number;
  readonly delay: VerdictDelay;
  /** Null where flows were not judged before their parts were sealed. */
  readonly packetDelay: PacketDelay | null;
}

/**
 * What follows the sealing of parts, one thing after another and never twice at once: verdicts, notices, merging,
 * retention. And, in a thread of its own, what flows are judged by before they end and their parts are sealed.
 */
export class LiveScoring {
  verdicts = 0;
  notices = 0;
  merged = 0;
  removed = 0;
  readonly #options: ScoringOptions;
  readonly #delays: VerdictDelays;
  readonly #steady: () => number;
  #waiting: string[] = [];
  #unmerged = 0;
  #parts = 0;
  /** False as long as there is nothing to judge: then a capture ends without it. */
  #hasRows = false;
  #work: Promise<void> | null = null;
  #rulesRestUntilMs = 0;
  #retainedMs: number;
  readonly #warned = new Set<string>();
  readonly #live = new LiveNotices();
  #analyser: LiveAnalyser | null = null;
  #capture: string | null = null;
  #models: LoadedModels | null = null;
  #packetDelay: PacketDelay | null = null;
  /** Notices of the capture as it was last judged whole, or written. */
  #judged: readonly NoticeRow[] = [];
  #isToWrite = false;
  #writtenVersion = 0;
  /** Incidents of the capture as they were last told, and what models said of it. */
  #incidents: readonly Incident[] = [];
  #ofModels: readonly Evidence[] = [];
  #toldKey = "";
  #untilUs = 0;

  constructor(options: ScoringOptions) {
    this.#options = options;
    this.#delays = new VerdictDelays(closeGraceMs, options.idleTimeoutS * 1000);
    this.#steady = options.steady ?? (() => performance.now());
    this.#retainedMs = this.#steady();
  }

  /** Begins to judge a capture's flows while they go on. */
  begin(capture: string): void {
    const {score, localNets} = this.#options;
    this.#capture = capture;
    if (!score) return;
    this.#analyser = new LiveAnalyser({
      models: defaultModels,
      lake: this.#options.lake,
      capture,
      localNets,
      onFindings: (findings) => this.#hear(findings),
      onFailure: (error) => {
        this.#analyser = null;
        this.#warn(`flows are judged only when they have ended: ${error.message}`);
      }
    });
  }

  /** Offers what is new to be judged, with the flows whose verdicts are wanted; false where it is busy or there is none. */
  offer(make: () => LiveBatch, asked: readonly string[]): boolean {
    return this.#analyser?.offer(make, asked) ?? false;
  }

  /** Takes a sealed part on; one without flows has nothing to judge. */
  add(part: string, flows: number): void {
    this.#parts++;
    this.#unmerged++;
    if (flows > 0) {
      this.#waiting.push(part);
      this.#hasRows = true;
    }
    if (this.#live.version > this.#writtenVersion) this.#isToWrite = true;
    this.#work ??= this.#run();
  }

  /** Brings everything to its end, and merges what the run left. */
  async finish(run: string | null): Promise<ScoringResult> {
    const analyser = this.#analyser;
    this.#analyser = null;
    await analyser?.close();
    await this.#work;
    const {lake, score, clock} = this.#options;
    if (score && (this.#hasRows || this.#live.version > 0))
      await this.#attempt("incidents", async () => {
        await this.#detect();
        await this.#join(null);
      });
    await this.#models?.model?.close();
    await this.#attempt("merging", async () => {
      if (run && this.#parts > 1) this.merged += (await mergeParts(lake, clock(), run)).length;
    });
    await this.#retain();
    return {
      verdicts: this.verdicts,
      notices: this.notices,
      incidents: this.#incidents.filter(({state}) => state !== "merged").length,
      merged: this.merged,
      removed: this.removed,
      delay: this.#delays.delay,
      packetDelay: this.#packetDelay
    };
  }

  async #run(): Promise<void> {
    // A run that has nothing to wait for would end before it is known as the one under way.
    await null;
    const {lake, score, clock} = this.#options;
    do {
      const parts = this.#waiting.splice(0);
      if (this.#isToWrite) await this.#attempt("notices", () => this.#write());
      if (score && parts.length > 0) {
        let reason: string | null = null;
        await this.#attempt("verdicts", async () => {
          reason = await this.#classify(parts);
        });
        if (this.#steady() >= this.#rulesRestUntilMs) await this.#attempt("incidents", () => this.#detect());
        // After the incidents: they say which flows are suspicious.
        await this.#attempt("verdicts", async () => this.#options.onScored?.(parts, reason));
      }
      if (this.#unmerged >= partsBetweenMerges) {
        this.#unmerged = 0;
        await this.#attempt("merging", async () => {
          this.merged += (await mergeParts(lake, clock())).length;
        });
      }
      if (this.#steady() - this.#retainedMs >= retainEveryMs) await this.#retain();
    } while (this.#waiting.length > 0 || this.#isToWrite);
    this.#work = null;
  }

  /** Why there are no verdicts; null where there are. */
  async #classify(parts: readonly string[]): Promise<string | null> {
    const {lake, clock} = this.#options;
    this.#models ??= await loadModel(defaultModels);
    const {verdicts, model, reason} = await classifyNewFlows(lake, {clock, loaded: this.#models, activities: false});
    this.verdicts += verdicts;
    const problem = model ? null : (reason?.message ?? "there is no model");
    if (problem === null) await this.#delays.add(lake, parts, clock());
    else this.#warn(`flows get no verdicts: ${problem}`);
    return problem;
  }

  async #detect(): Promise<void> {
    const {lake, clock, localNets} = this.#options;
    const begunMs = this.#steady();
    const model = this.#models?.model;
    if (model) await judgeNewActivities(lake, model, clock);
    const {notices, captures} = await detectNotices({lake, clock, localNets});
    // The capture is judged anew each time: its notices replace those before.
    if (captures > 0) {
      this.notices = notices;
      if (this.#capture) this.#judged = await noticesOf(lake, this.#capture);
    }
    await this.#join(this.#untilUs);
    const rest = this.#analyser ? restFactor.withWindows : restFactor.alone;
    const nowMs = this.#steady();
    this.#rulesRestUntilMs = nowMs + rest * (nowMs - begunMs);
  }

  #hear(findings: LiveFindings): void {
    this.#packetDelay = findings.delay;
    this.#untilUs = Math.max(this.#untilUs, findings.untilUs);
    if (findings.findings) {
      const hasChanged = this.#live.update(findings.findings, findings.windowFromUs);
      this.#tell();
      if (hasChanged) {
        this.#isToWrite = true;
        this.#work ??= this.#run();
      }
    }
    this.#options.onFindings?.(findings);
  }

  async #write(): Promise<void> {
    const {lake, clock} = this.#options;
    this.#isToWrite = false;
    const {version} = this.#live;
    if (!this.#capture || !(await writeLiveNotices(lake, this.#capture, this.#live, clock()))) return;
    this.#writtenVersion = version;
    this.#judged = await noticesOf(lake, this.#capture);
    await this.#join(this.#untilUs, this.#ofModels);
  }

  /** Joins what the lake has of the capture to incidents, and tells of them; `nowUs`: null where it has ended. */
  async #join(nowUs: number | null, ofModels?: readonly Evidence[]): Promise<void> {
    const {lake, clock} = this.#options;
    if (!this.#capture) return;
    const running = {capture: this.#capture, nowUs, told: this.#incidents, ofModels};
    const joined = await joinIncidents({lake, clock, running});
    if (joined.running === null) return;
    this.#ofModels = joined.running.flatMap(({findings}) => findings.filter(({source}) => source !== "rule"));
    if (this.#analyser) return this.#tell();
    this.#incidents = joined.running;
    this.#say();
  }

  /** Joins what is known by now, in the lake or not yet, and tells of it where it differs from what was told. */
  #tell(): void {
    const notices = this.#analyser ? this.#live.with(this.#judged) : this.#judged;
    const evidence = [...notices.map((notice) => noticeEvidence(notice)), ...this.#ofModels];
    this.#incidents = buildIncidents(evidence, {nowUs: this.#untilUs, told: this.#incidents});
    this.#say();
  }

  #say(): void {
    const key = JSON.stringify(
      this.#incidents.map(({incident_id, state, severity, ts_start, ts_end, summary, findings}) => [
        ...[incident_id, state, severity, ts_start, ts_end, summary],
        ...findings.map(({flows}) => flows)
      ])
    );
    if (key === this.#toldKey) return;
    this.#toldKey = key;
    this.#options.onIncidents?.(this.#incidents);
  }

  async #retain(): Promise<void> {
    const {lake, retention, clock} = this.#options;
    this.#retainedMs = this.#steady();
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
