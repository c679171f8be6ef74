import {resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {type PartFile, partFiles} from "../../capture/partitions/layout.ts";
import {writeTable} from "../../capture/partitions/write-table.ts";
import {anomalyFeatures} from "../../models/anomaly/profile.ts";
import {type LoadedModels, loadModel, type Model, type ModelProblem} from "../../models/model.ts";
import {type Scores, score} from "../../models/score.ts";
import type {RowBatch} from "../../schema/rows.ts";
import {verdictClasses} from "../../schema/verdicts.ts";
import {isCurrentScore, scoredBy} from "../lake/scored-files.ts";
import {judgeNewActivities} from "./activities.ts";
import {profileFor} from "./anomaly-fit.ts";
import {type AnomalyScores, anomaliesOf} from "./anomaly-score.ts";
import type {AnomalySettings} from "./anomaly-settings.ts";
import {closeProfile, type LakeProfile} from "./anomaly-store.ts";
import {countRows, type FeatureBatch, partFeatures} from "./classify-features.ts";
import {ScoredFlows} from "./scored-flows.ts";

/** The models that come with the project. */
export const defaultModels = resolve(fileURLToPath(import.meta.url), "../../../models");

export interface ClassifyOptions {
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  /** Folder of the models; the project's own without it. */
  readonly models?: string;
  /** Takes these, loaded already, and leaves them open. */
  readonly loaded?: LoadedModels;
  /** How flows are compared with the lake's past; without it as they were before. */
  readonly anomaly?: AnomalySettings;
  readonly signal?: AbortSignal;
  /** Whether the activities of captures with new verdicts are judged too; they are without it. */
  readonly activities?: boolean;
  /** After each part: flows scored now, and parts that are left. */
  readonly onProgress?: (scored: number, partsLeft: number) => void;
}

export interface Classified {
  /** Hash of the model; null where there is none to score with. */
  readonly model: string | null;
  /** Why there is none; null where there is one. */
  readonly reason: ModelProblem | null;
  /** Verdicts written by this call. */
  readonly verdicts: number;
  /** Flows of the lake with a verdict of this model. */
  readonly scored: number;
  /** Flows of the lake without one. */
  readonly unscored: number;
  /** What this model leaves out, in words; null where it gives both classes and anomaly scores. */
  readonly without: string | null;
}

/**
 * Scores the flows of all sealed parts that this model has not scored yet, a file of verdicts a part, whole or not at
 * all. Where it has scored everything it does nothing; another model scores anew, and the verdicts of others stay beside
 * its own (`verdicts.model` tells them apart). Its own of an earlier generation of scoring are replaced. Without a fit model nothing is written and the reason is given.
 */
export async function classifyNewFlows(lake: string, options: ClassifyOptions): Promise<Classified> {
  const {model, problem} = options.loaded ?? (await loadModel(options.models ?? defaultModels));
  if (!model)
    return {
      model: null,
      reason: problem,
      verdicts: 0,
      scored: 0,
      unscored: await countRows(partFiles(lake, "features")),
      without: null
    };
  let profile: LakeProfile | null = null;
  try {
    let verdicts = 0;
    const open = unscoredParts(lake, model);
    const parts = new Set(open.map(([part]) => part));
    if (!model.anomaly && open.length > 0)
      profile = await profileFor(lake, parts, options.anomaly ?? null, options.clock);
    const kept = options.activities !== false && model.activity && model.classifier ? new ScoredFlows() : null;
    for (const [i, [part, files]] of open.entries()) {
      options.signal?.throwIfAborted();
      verdicts += await scorePart(lake, part, files, {model, profile, kept}, options);
      options.onProgress?.(verdicts, open.length - i - 1);
    }
    if (options.activities !== false) await judgeNewActivities(lake, model, options.clock, kept);
    const scored = await countRows(partFiles(lake, "verdicts").filter((file) => isOf(file, model)));
    const unscored = (await countRows(partFiles(lake, "features"))) - scored;
    return {model: model.hash, reason: null, verdicts, scored, unscored, without: withoutWords(model)};
  } finally {
    await closeProfile(profile);
    if (!options.loaded) await model.close();
  }
}

/** What the verdicts of such a model do not have; null where they have all. */
export function withoutWords({classifier}: Model): string | null {
  return classifier ? null : "no classifier: flows get an anomaly score and no class";
}

/** Who judges: the models, and what flows are compared with. */
interface Judges {
  readonly model: Model;
  /** Null where the model has an Isolation Forest of its own, or the lake too few flows. */
  readonly profile: LakeProfile | null;
  /** Where flows are kept for their activities. */
  readonly kept: ScoredFlows | null;
}

/** Parts with features and no verdicts of this model and generation of scoring, oldest first. */
export function unscoredParts(lake: string, model: Model): [string, PartFile[]][] {
  const done = new Set(
    partFiles(lake, "verdicts")
      .filter((file) => isOf(file, model) && isCurrentScore(file.path))
      .map(({part}) => part)
  );
  const open = new Map<string, PartFile[]>();
  for (const file of partFiles(lake, "features")) {
    if (done.has(file.part)) continue;
    const files = open.get(file.part);
    if (files) files.push(file);
    else open.set(file.part, [file]);
  }
  return [...open];
}

/** The name of a part's file in `verdicts`. */
export function verdictFile(part: string, model: Model): string {
  return `${part}.${model.hash.slice(0, 16)}.parquet`;
}

function isOf({part, path}: PartFile, model: Model): boolean {
  return path.endsWith(verdictFile(part, model));
}

async function scorePart(
  lake: string,
  part: string,
  files: readonly PartFile[],
  judges: Judges,
  {clock, signal}: ClassifyOptions
): Promise<number> {
  const {model, profile} = judges;
  const {classifier, anomaly} = model;
  const wanted = [classifier?.card.features, anomaly?.card.features, profile ? anomalyFeatures : undefined];
  const inputs = wanted.filter((features) => features !== undefined);
  const batches: RowBatch[] = [];
  let rows = 0;
  for await (const batch of partFeatures(files, partFiles(lake, "flows", [part]), inputs)) {
    signal?.throwIfAborted();
    batches.push(await verdictsOf(batch, judges));
    rows += batch.rows;
  }
  await writeTable(lake, "verdicts", batches, verdictFile(part, model), scoredBy(model.hash), clock());
  return rows;
}

/** The columns of `verdicts` for a batch of flows, in the order of schema/verdicts.ts. */
async function verdictsOf(batch: FeatureBatch, {model, profile, kept}: Judges): Promise<RowBatch> {
  const {rows} = batch;
  const scores = await scoreFlows(batch, model, profile);
  const {label, anomaly} = scores;
  kept?.add(batch, scores.probabilities);
  const constant = (value: string) => ({codes: new Int32Array(rows), values: [value]});
  const labels = model.classifier?.card.labels ?? [];
  const isJudged = (i: number) => label[i] >= 0;
  const notJudged = new Int32Array(rows);
  for (let i = 0; i < rows; i++) notJudged[i] = isJudged(i) ? -1 : 0;
  return {
    table: "verdicts",
    rows,
    columns: [
      batch.flowId,
      batch.captures,
      constant(model.hash),
      {codes: label, values: labels},
      scores.probability,
      flags(scores.isUnknown, rows, isJudged),
      anomaly?.score ?? unknown(rows),
      anomaly?.p ?? unknown(rows),
      anomaly ? flags(anomaly.isAnomaly, rows, (i) => !Number.isNaN(anomaly.score[i])) : unknown(rows),
      flags(scores.suspicious, rows, isJudged),
      {codes: notJudged, values: [model.classifier ? "protocol" : "classifier"]},
      ...verdictClasses.map((name) => column(scores.probabilities, labels, labels.indexOf(name), rows))
    ]
  };
}

function unknown(rows: number): Float64Array {
  return new Float64Array(rows).fill(Number.NaN);
}

/** Truth values as the lake takes them: NaN for NULL. */
function flags(values: Uint8Array, rows: number, isKnown: (row: number) => boolean): Float64Array {
  const result = new Float64Array(rows);
  for (let i = 0; i < rows; i++) result[i] = isKnown(i) ? values[i] : Number.NaN;
  return result;
}

/** One of the columns of a row-major matrix; NaN where it has none of that number. */
function column(matrix: Float32Array, {length}: readonly string[], k: number, rows: number): Float32Array {
  const values = new Float32Array(rows).fill(Number.NaN);
  if (k >= 0) for (let i = 0; i < rows; i++) values[i] = matrix[i * length + k];
  return values;
}

/** Scores flows by matrices of their features. */
export async function scoreFlows(
  batch: Pick<FeatureBatch, "rows" | "protocols" | "services" | "matrix">,
  model: Model,
  profile: LakeProfile | null
): Promise<Scores & {readonly anomaly: AnomalyScores | null}> {
  const scores = await score(model, batch.rows, batch.protocols, batch.matrix);
  return {...scores, anomaly: await anomaliesOf(batch, scores, profile)};
}
