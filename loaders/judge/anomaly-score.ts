import {anomalyFeatures, kindsOf, scoreByProfile} from "../../models/anomaly/profile.ts";
import type {Scores} from "../../models/score.ts";
import type {LakeProfile} from "./anomaly-store.ts";
import type {FeatureBatch} from "./classify-features.ts";

/** How unlike others flows are; NaN where that is not judged. */
export interface AnomalyScores {
  readonly score: Float32Array;
  /** Share of the lake's past that is at least as strange; NaN where an Isolation Forest of the model's own judges. */
  readonly p: Float32Array;
  readonly isAnomaly: Uint8Array;
}

/** By the model's own Isolation Forest where it has one, else by the lake's profile; null without either. */
export async function anomaliesOf(
  batch: Pick<FeatureBatch, "rows" | "protocols" | "services" | "matrix">,
  {anomalyScore, isAnomaly}: Scores,
  kept: LakeProfile | null
): Promise<AnomalyScores | null> {
  const {rows, protocols, services} = batch;
  if (anomalyScore && isAnomaly) return {score: anomalyScore, p: new Float32Array(rows).fill(Number.NaN), isAnomaly};
  if (!kept) return null;
  const matrix = batch.matrix(anomalyFeatures);
  const flows = {rows, matrix, ...kindsOf({rows, matrix, protocols, services})};
  const {score, p} = await scoreByProfile(kept.profile, flows);
  const flags = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) flags[i] = p[i] <= kept.rate ? 1 : 0;
  return {score, p, isAnomaly: flags};
}
