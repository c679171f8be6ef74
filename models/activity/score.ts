import type {Contribution} from "../../schema/activities.ts";
import type {ActivityModel, Model} from "../model.ts";
import {contributionsOf} from "./additive.ts";
import {activityFeatures, describeActivity} from "./features.ts";
import type {ActivityFlows} from "./flows.ts";
import {type Activity, activitiesOf} from "./windows.ts";

/** What the model says of an activity. */
export interface JudgedActivity extends Activity {
  /** Calibrated probability that it is suspicious. */
  readonly score: number;
  readonly isSuspicious: boolean;
  /** Its class where it is suspicious and can be named, with its probability among suspicious activities. */
  readonly name: string | null;
  readonly nameProbability: number | null;
  /** Null where the score is small. */
  readonly contributions: readonly Contribution[] | null;
}

/** Contributions are told from this score on. */
const toldFrom = 0.1;
/** Features whose amounts are told one by one. */
const mostTold = 8;

/** Judges the activities of flows: sources in windows of 60 s with at least three flows. */
export async function judgeActivities(flows: ActivityFlows, model: Model): Promise<JudgedActivity[]> {
  const {activity, classifier} = model;
  if (!activity || !classifier) return [];
  const labels = classifier.card.labels!;
  const activities = activitiesOf(flows);
  const width = activityFeatures(labels).length;
  const matrix = new Float32Array(activities.length * width);
  for (const [i, {rows}] of activities.entries()) describeActivity(flows, rows, labels, matrix, i * width);
  const logOdds = await activity.onnx.run(matrix, activities.length);
  const judged = activities.map((one, i) => ({...one, score: 1 / (1 + Math.exp(-logOdds[i]))}));
  const names = await namesOf(
    activity,
    matrix,
    judged.map(({score}) => score >= activity.card.thresholds.suspicious)
  );
  return judged.map((one, i) => ({
    ...one,
    isSuspicious: one.score >= activity.card.thresholds.suspicious,
    name: names[i]?.name ?? null,
    nameProbability: names[i]?.probability ?? null,
    contributions:
      one.score >= toldFrom
        ? contributionsOf(activity.shape, matrix.subarray(i * width, (i + 1) * width), mostTold)
        : null
  }));
}

/** The names of the wanted rows; null where it is not sure enough, or may not name that class. */
async function namesOf(
  {card, classes}: ActivityModel,
  matrix: Float32Array,
  wanted: readonly boolean[]
): Promise<({name: string; probability: number} | null)[]> {
  const rows = wanted.flatMap((isWanted, i) => (isWanted ? [i] : []));
  const width = card.features.length;
  const chosen = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) chosen.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  const labels = card.labels!;
  const probabilities = await classes.run(chosen, rows.length);
  const names: ({name: string; probability: number} | null)[] = wanted.map(() => null);
  for (const [i, row] of rows.entries()) {
    let best = 0;
    for (let k = 1; k < labels.length; k++)
      if (probabilities[i * labels.length + k] > probabilities[i * labels.length + best]) best = k;
    const probability = probabilities[i * labels.length + best];
    if (probability >= card.thresholds.name && (card.named ?? []).includes(labels[best]))
      names[row] = {name: labels[best], probability};
  }
  return names;
}
