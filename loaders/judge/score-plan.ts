import {copyFileSync, existsSync, mkdirSync, writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {makeFolder} from "../../capture/partitions/durable.ts";
import {partFiles} from "../../capture/partitions/layout.ts";
import {closeRun, openRun} from "../../capture/partitions/run.ts";
import {anomalyFeatures, forestNames, newsShare} from "../../models/anomaly/profile.ts";
import {type LoadedModel, loadModel} from "../../models/model.ts";
import {protocolsOf} from "../../models/score.ts";
import {probabilityColumn, verdictClasses, verdictColumns} from "../../schema/verdicts.ts";
import {isCurrentScore, scoredBy} from "../lake/scored-files.ts";
import {profileFor} from "./anomaly-fit.ts";
import {closeProfile, type LakeProfile} from "./anomaly-store.ts";
import {type ClassifyOptions, defaultModels, unscoredParts, verdictFile} from "./classify.ts";

/** What a job elsewhere did with one part. */
export interface ScoredPart {
  readonly part: string;
  readonly verdicts: number;
  /** Which of the workers wrote it. */
  readonly worker: string;
}

export type ElsewhereOptions = Pick<ClassifyOptions, "models" | "anomaly" | "clock">;

/** Runs a job over the plan that lies in a folder. */
export type Submit = (planFolder: string) => Promise<readonly ScoredPart[]>;

/**
 * Has a job elsewhere write the verdicts that `classifyNewFlows` would write now: the same files under the same names, so
 * that either goes on where the other stopped. The job gets a plan (parts with their files, the models, the lake's
 * profile) and reaches the lake under the same path. Nothing is done where no part is open, or no model is fit. Throws
 * where a part has no file of verdicts afterwards.
 */
export async function scoreElsewhere(
  lake: string,
  {models = defaultModels, anomaly, clock}: ElsewhereOptions,
  submit: Submit
): Promise<readonly ScoredPart[]> {
  const {model} = await loadModel(models);
  if (!model) return [];
  const run = openRun(lake, clock());
  let profile: LakeProfile | null = null;
  try {
    const open = unscoredParts(lake, model);
    if (open.length === 0) return [];
    if (!model.anomaly) profile = await profileFor(lake, new Set(open.map(([part]) => part)), anomaly ?? null, clock);
    const flows = new Map<string, string[]>(open.map(([part]) => [part, []]));
    for (const {part, path} of partFiles(lake, "flows", [...flows.keys()])) flows.get(part)?.push(resolve(path));
    const parts = open.map(([part, files]) => ({
      part,
      file: verdictFile(part, model),
      features: files.map(({path}) => resolve(path)),
      flows: flows.get(part)
    }));
    const folder = join(run.folder, "plan");
    mkdirSync(folder, {mode: 0o700});
    makeFolder(join(lake, "verdicts"));
    const plan = {
      model: model.hash,
      metadata: scoredBy(model.hash),
      folder: resolve(run.folder),
      verdicts: resolve(lake, "verdicts"),
      columns: verdictColumns.map(({name, type}) => [name, type]),
      probabilities: Object.fromEntries(verdictClasses.map((name) => [probabilityColumn(name), name])),
      classifier: model.classifier && planned(folder, models, model.classifier, "probabilities"),
      anomaly: model.anomaly && planned(folder, models, model.anomaly, "decision"),
      profile: profile && plannedProfile(folder, profile),
      parts
    };
    writeFileSync(join(folder, "plan.json"), JSON.stringify(plan), {mode: 0o600});
    const done = await submit(folder);
    const isThere = (path: string) => existsSync(path) && isCurrentScore(path);
    const missing = parts.filter(({file}) => !isThere(join(lake, "verdicts", file)));
    if (missing.length > 0 || done.length !== parts.length)
      throw new Error(`the job wrote ${parts.length - missing.length} of ${parts.length} files of verdicts`);
    return done;
  } finally {
    await closeProfile(profile);
    await model.close();
    closeRun(run);
  }
}

/** A model of the project's as the job reads it, with a copy of its file. */
function planned(folder: string, models: string, {card}: LoadedModel, output: string) {
  copyFileSync(join(models, card.file), join(folder, card.file));
  const {file, features, input, labels, thresholds} = card;
  return {
    onnx: file,
    file,
    features,
    input,
    output: card.outputs[output],
    labels,
    thresholds,
    protocols: protocolsOf(card)
  };
}

/** The lake's profile as the job reads it, with its forests. */
function plannedProfile(folder: string, {profile, rate}: LakeProfile) {
  const groups = profile.groups.map(({kinds, offset, scores, bytes}, k) => {
    const onnx = `group-${k}.onnx`;
    writeFileSync(join(folder, onnx), bytes, {mode: 0o600});
    return {onnx, kinds, offset, scores: [...scores], features: anomalyFeatures, ...forestNames};
  });
  return {rate, newsShare, calibrated: profile.calibrated, rareScores: [...profile.rareScores], groups};
}
