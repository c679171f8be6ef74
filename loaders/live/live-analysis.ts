import {type LoadedModels, loadModel, type Model} from "../../models/model.ts";
import {rules} from "../../models/rules/index.ts";
import type {Finding, Surroundings} from "../../models/rules/rule.ts";
import {isSuspicious} from "../../schema/incidents.ts";
import type {LiveBatch} from "../../schema/live/batch.ts";
import type {FlowVerdict} from "../../schema/live/news.ts";
import {flowOfRow, type RecentFlow} from "../../schema/live/recent-flow.ts";
import type {RowBatch, TextColumn} from "../../schema/rows.ts";
import {table} from "../../schema/tables.ts";
import {flowWord} from "../../schema/verdicts.ts";
import {closeProfile, type LakeProfile, profileHash, readProfile} from "../judge/anomaly-store.ts";
import {scoreFlows} from "../judge/classify.ts";
import {noticeEvidence} from "../judge/evidence.ts";
import {fillMatrix} from "../judge/fill-matrix.ts";
import {buildIncidents, type Incident} from "../judge/incident-builder.ts";
import {noticeRow} from "../judge/notices.ts";
import {type CellReader, cellReader} from "../lake/batch-cells.ts";
import {Delays} from "./delays.ts";
import {LiveWindow} from "./live-window.ts";

/** How long packets of a live capture waited for a verdict that counts them, in ms of the wall clock; null without any. */
export interface PacketDelay {
  /** Verdicts on flows, provisional ones among them. */
  readonly verdicts: number;
  /** From a flow's last packet so far to the verdict. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** From a flow's first packet to its first verdict. */
  readonly firstP50Ms: number | null;
  readonly firstP95Ms: number | null;
}

/** What came of one batch. */
export interface LiveFindings {
  /** Why there are no verdicts; null where there are. */
  readonly reason: string | null;
  /** Rows scored now; those of flows under way among them. */
  readonly scored: number;
  readonly provisional: number;
  /** Flows of the window that belong to incidents of medium severity or more. */
  readonly suspicious: number;
  /** Of the flows asked for, and of `suspects`. */
  readonly verdicts: readonly FlowVerdict[];
  /** The most anomalous of the suspicious flows scored now. */
  readonly suspects: readonly RecentFlow[];
  /** Since the capture began. */
  readonly delay: PacketDelay;
  /** What rules find in the window now; null where they were not asked this time. */
  readonly findings: readonly Finding[] | null;
  /** Time of the packets now, µs since 1970. */
  readonly untilUs: number;
  /** The first moment of which the window has everything that it was given, µs since 1970. */
  readonly windowFromUs: number;
  /** Rows that batches had no room for, since the capture began: they are judged when they are sealed. */
  readonly left: number;
  readonly rulesMs: number | null;
  readonly scoreMs: number;
}

export interface AnalysisOptions extends Surroundings {
  /** Folder of the models. */
  readonly models: string;
  readonly capture: string;
  /** The lake whose past flows are compared with. */
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
}

/** Incidents whose flows are suspicious, as rules find them in the window. */
function graveIncidents(findings: readonly Finding[]): Incident[] {
  const evidence = findings.map((finding) => noticeEvidence(noticeRow(finding)));
  return buildIncidents(evidence, {nowUs: null}).filter(({severity}) => isSuspicious(severity));
}

const mostSuspects = 12;
/** Rules are asked for so long after the last change: flows under way count a while after they began. */
const changesCountUs = 3e6;
/** After rules were asked they rest for so many times as long as that took. */
const restFactor = 1;

/** Judges a capture while it runs: models loaded once, rules over a window of bounded size. */
export class LiveAnalysis {
  readonly #options: AnalysisOptions;
  readonly #window: LiveWindow;
  readonly #models: LoadedModels;
  readonly #last = new Delays();
  readonly #first = new Delays();
  #profile: LakeProfile | null = null;
  #restUntilMs = 0;
  #changedUs = 0;
  #left = 0;
  /** Ids of the window's flows that belong to incidents of medium severity or more. */
  #suspicious: ReadonlySet<string> = new Set();

  private constructor(options: AnalysisOptions, window: LiveWindow, models: LoadedModels) {
    this.#options = options;
    this.#window = window;
    this.#models = models;
  }

  static async open(options: AnalysisOptions): Promise<LiveAnalysis> {
    return new LiveAnalysis(options, await LiveWindow.open(), await loadModel(options.models));
  }

  /** Judges what is new. `asked`: flows (ids as text) whose verdicts are wanted. */
  async take(batch: LiveBatch, asked: readonly string[]): Promise<LiveFindings> {
    const {clock, capture} = this.#options;
    this.#left += batch.left;
    await this.#window.add([...batch.flows, ...batch.records], batch.untilUs);
    let findings: Finding[] | null = null;
    let rulesMs: number | null = null;
    const rulesBegunMs = clock();
    if (batch.flows.length + batch.records.length > 0) this.#changedUs = batch.untilUs;
    if (rulesBegunMs >= this.#restUntilMs && batch.untilUs - this.#changedUs <= changesCountUs) {
      findings = await this.#window.judge(rules, [capture], this.#options, batch.untilUs);
      this.#suspicious = await this.#window.flowsOf(graveIncidents(findings));
      rulesMs = clock() - rulesBegunMs;
      this.#restUntilMs = clock() + restFactor * rulesMs;
    }
    // After the rules: what is said of a flow is by the incidents that it belongs to.
    const begunMs = clock();
    await this.#renewProfile();
    const scored = await this.#score(batch, new Set(asked));
    const scoreMs = clock() - begunMs;
    return {
      reason: this.#models.problem?.message ?? null,
      ...scored,
      delay: {
        verdicts: this.#last.count,
        p50Ms: this.#last.percentile(0.5),
        p95Ms: this.#last.percentile(0.95),
        firstP50Ms: this.#first.percentile(0.5),
        firstP95Ms: this.#first.percentile(0.95)
      },
      findings,
      untilUs: batch.untilUs,
      windowFromUs: this.#window.fromUs(batch.untilUs),
      left: this.#left,
      rulesMs,
      scoreMs
    };
  }

  async close(): Promise<void> {
    await this.#window.close();
    await closeProfile(this.#profile);
    await this.#models.model?.close();
  }

  /** Takes the lake's profile, where it is another one by now. */
  async #renewProfile(): Promise<void> {
    const {model} = this.#models;
    if (!model || model.anomaly || profileHash(this.#options.lake) === (this.#profile?.hash ?? null)) return;
    await closeProfile(this.#profile);
    this.#profile = await readProfile(this.#options.lake);
  }

  async #score(batch: LiveBatch, asked: ReadonlySet<string>) {
    const result = {scored: 0, provisional: 0, suspicious: this.#suspicious.size};
    const verdicts: FlowVerdict[] = [];
    const suspects: {score: number; flow: RecentFlow; verdict: FlowVerdict}[] = [];
    const {model} = this.#models;
    if (model)
      for (const [k, features] of batch.features.entries())
        await this.#scoreBlock(model, batch, batch.flows[k], features, asked, result, verdicts, suspects);
    const most = suspects.sort((a, b) => b.score - a.score).slice(0, mostSuspects);
    const unasked = most.filter(({flow}) => !asked.has(flow.id)).map(({verdict}) => verdict);
    return {...result, verdicts: [...verdicts, ...unasked], suspects: most.map(({flow}) => flow)};
  }

  async #scoreBlock(
    model: Model,
    batch: LiveBatch,
    flows: RowBatch,
    features: RowBatch,
    asked: ReadonlySet<string>,
    result: {scored: number; provisional: number},
    verdicts: FlowVerdict[],
    suspects: {score: number; flow: RecentFlow; verdict: FlowVerdict}[]
  ): Promise<void> {
    const {rows} = features;
    const cell = rowReader(flows);
    const protocols = Int16Array.from({length: rows}, (_, i) => Number(cell("proto", i)));
    const scores = await scoreFlows(
      {
        rows,
        protocols,
        services: codedTexts(rows, (i) => cell("service", i)),
        matrix: (names) => matrixOf(features, names)
      },
      model,
      this.#profile
    );
    const nowMs = this.#options.clock();
    for (let i = 0; i < rows; i++) {
      const isOpen = cell("end_reason", i) === "open";
      const startMs = Number(cell("ts_start", i)) / 1000;
      result.scored++;
      if (isOpen) result.provisional++;
      // An ended flow that was told of with its last packet has its delay counted already.
      const endUs = Number(cell("ts_end", i));
      if (endUs > batch.sinceUs) this.#last.add(nowMs - endUs / 1000);
      if (startMs * 1000 > batch.sinceUs) this.#first.add(nowMs - startMs);
      const id = String(cell("flow_id", i));
      const isSuspect = this.#suspicious.has(id);
      if (!isSuspect && !asked.has(id)) continue;
      const {anomaly} = scores;
      const isAnomaly = anomaly && !Number.isNaN(anomaly.score[i]) ? anomaly.isAnomaly[i] === 1 : null;
      const verdict: FlowVerdict = {
        flow: id,
        ...(scores.label[i] < 0
          ? {label: null, probability: null}
          : {label: model.classifier!.card.labels![scores.label[i]], probability: scores.probability[i]}),
        isUnknown: scores.isUnknown[i] === 1,
        state: flowWord(isSuspect, isAnomaly, scores.label[i] >= 0),
        isAnomaly
      };
      if (asked.has(id)) verdicts.push(verdict);
      if (isSuspect) suspects.push({score: anomaly?.score[i] ?? 0, flow: flowOfRow(cell, i, id, isOpen), verdict});
      // Of many only the most anomalous are told.
      if (suspects.length > 4096) suspects.sort((a, b) => b.score - a.score).length = mostSuspects;
    }
  }
}

const featureColumns = table("features").columns;
const flowColumns = table("flows").columns;
const featureIndexes = new Map(featureColumns.map(({name}, k) => [name, k]));

function featureIndex(name: string): number {
  const index = featureIndexes.get(name);
  if (index === undefined) throw new Error(`no feature ${name}`);
  return index;
}

/** rows × those features, row-major. */
function matrixOf({rows, columns}: RowBatch, names: readonly string[]): Float32Array {
  const matrix = new Float32Array(rows * names.length);
  fillMatrix(
    matrix,
    names.map((name) => columns[featureIndex(name)] as Float32Array),
    rows,
    0
  );
  return matrix;
}

function codedTexts(rows: number, text: (row: number) => unknown): TextColumn {
  const codes = new Int32Array(rows);
  const values: string[] = [];
  const known = new Map<unknown, number>([[null, -1]]);
  for (let i = 0; i < rows; i++) {
    const value = text(i);
    let code = known.get(value);
    if (code === undefined) {
      code = values.push(String(value)) - 1;
      known.set(value, code);
    }
    codes[i] = code;
  }
  return {codes, values};
}

function rowReader({columns}: RowBatch): (name: string, row: number) => ReturnType<CellReader> {
  const readers = new Map<string, CellReader>();
  return (name, row) => {
    let reader = readers.get(name);
    if (!reader) {
      reader = cellReader(columns[flowColumns.findIndex((column) => column.name === name)]);
      readers.set(name, reader);
    }
    return reader(row);
  };
}
