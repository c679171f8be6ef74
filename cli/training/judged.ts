import {type FigureKind, type FigureSet, figureKinds, figureTitles} from "../../src/lib/experiments.ts";
import {figureSet, type Judged} from "./figures.ts";
import {unnamedAttack} from "./tables/class-of.ts";
import type {TrainingActivities} from "./training-activities.ts";
import type {CaptureOrigin, Role} from "./training-flows.ts";

const normal = "Normal";

/** Flows as the classifier judged them; a class of the truth that it has not learnt is added, and gets no probability. */
export function judgedFlows(
  truth: readonly (string | null)[],
  modelLabels: readonly string[],
  probabilities: Float32Array,
  places: readonly string[]
): Judged {
  const labels = [...modelLabels, ...absent(truth, modelLabels)];
  const rows = truth.length;
  const scores = new Float32Array(rows * labels.length);
  const said = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const own = probabilities.subarray(i * modelLabels.length, (i + 1) * modelLabels.length);
    scores.set(own, i * labels.length);
    said[i] = own.reduce((best, p, k) => (p > own[best] ? k : best), 0);
  }
  return {labels, truth: classPlaces(truth, labels), scores, said, isCalibrated: true, places};
}

function absent(truth: readonly (string | null)[], labels: readonly string[]): string[] {
  return [...new Set(truth)].filter((label): label is string => label !== null && !labels.includes(label)).sort();
}

function classPlaces(truth: readonly (string | null)[], labels: readonly string[]): Int32Array {
  const index = new Map(labels.map((label, k) => [label, k]));
  return Int32Array.from(truth, (label) => (label === null ? -1 : index.get(label)!));
}

/** Names of the two sides where a model only tells whether something is an attack. */
export const sides = [normal, "Attack"] as const;

/** Rows of which each is ordinary or not, by one score a row; it is taken for an attack where the score reaches `from`. */
export function judgedSides(
  isAttack: readonly (boolean | null)[],
  score: Float32Array,
  from: number,
  isCalibrated: boolean,
  places: readonly string[]
): Judged {
  const scores = new Float32Array(2 * score.length);
  for (let i = 0; i < score.length; i++) scores.set([isCalibrated ? 1 - score[i] : -score[i], score[i]], 2 * i);
  return {
    labels: sides,
    truth: Int32Array.from(isAttack, (attack) => (attack === null ? -1 : attack ? 1 : 0)),
    scores,
    said: Int32Array.from(score, (value) => (value >= from ? 1 : 0)),
    isCalibrated,
    places
  };
}

/** Whether an activity is an attack, as the trainer takes it (models/train/activity.py); null where it is neither. */
export function activityTruth({activities}: TrainingActivities): (boolean | null)[] {
  return activities.map(({kind, attacks, flows}) => {
    if (kind !== "real") return null;
    if (attacks === 0) return false;
    return attacks >= Math.max(3, 0.2 * flows) ? true : null;
  });
}

/** What the figures of a row's origin are worth, by origin. */
export function kindsOf(origins: readonly CaptureOrigin[]): FigureKind[] {
  const learnt = origins.filter(({role}) => role !== "test");
  const folds = new Set(learnt.map(({fold}) => fold));
  const attacked = new Set(
    learnt
      .filter(({flows}) => Object.keys(flows).some((label) => label !== normal && label !== unnamedAttack))
      .map(({fold}) => fold)
  );
  // The only one with attacks is not left out as a whole: nothing of an attack would be learnt.
  const isOwn = (fold: string) => folds.size === 1 || (attacked.size === 1 && attacked.has(fold));
  const ofRole: Readonly<Record<Exclude<Role, "test">, FigureKind>> = {
    train: "left_out",
    table: "left_out",
    labels: "left_out",
    background: "others"
  };
  return origins.map(({role, fold}) => {
    if (role === "test") return folds.has(fold) ? "known" : "unknown";
    return isOwn(fold) ? "own" : ofRole[role];
  });
}

/** The figures of all rows whose truth is known, by kind; the kind that says most of another network comes first. */
export function figureSets(judged: Judged, kindOfRow: (row: number) => FigureKind): FigureSet[] {
  return figureKinds.flatMap((kind) => {
    const rows: number[] = [];
    for (let i = 0; i < judged.truth.length; i++) if (judged.truth[i] >= 0 && kindOfRow(i) === kind) rows.push(i);
    return figureSet(kind, figureTitles[kind], judged, Int32Array.from(rows)) ?? [];
  });
}
