import type {ClassFigures, CurvePoint, FigureKind, FigureSet, PlaceFigures} from "../../src/lib/experiments.ts";
import {reliabilityOf} from "../../src/lib/reliability.ts";

/** What a model said of labelled flows or activities. */
export interface Judged {
  /** Classes, `Normal` among them first. */
  readonly labels: readonly string[];
  /** True class of each row, by its place in `labels`. */
  readonly truth: Int32Array;
  /** Rows × labels, row-major: probabilities, or scores of which the greater speaks more for the class. */
  readonly scores: Float32Array;
  /** The model's class of each row. */
  readonly said: Int32Array;
  /** Whether `scores` are probabilities. */
  readonly isCalibrated: boolean;
  /** Network, repository or table of each row. */
  readonly places: readonly string[];
}

/** Points of a curve at most. */
const curvePoints = 40;

/** Figures of the rows that are chosen; null without any. */
export function figureSet(kind: FigureKind, name: string, judged: Judged, rows: Int32Array): FigureSet | null {
  if (rows.length === 0) return null;
  const {labels, truth, said} = judged;
  const confusion = confusionOf(judged, rows);
  const classes = labels.map((label, k): ClassFigures => {
    const support = sum(confusion[k]);
    const told = sum(confusion.map((row) => row[k]));
    const right = confusion[k][k];
    return {
      label,
      support,
      precision: told > 0 ? rounded(right / told) : null,
      recall: support > 0 ? rounded(right / support) : null,
      f1: support > 0 ? rounded((2 * right) / (support + told)) : null,
      ...precisionRecall(judged, rows, k)
    };
  });
  const byPlace = new Map<string, number[]>();
  for (const row of rows) {
    const own = byPlace.get(judged.places[row]);
    if (own) own.push(row);
    else byPlace.set(judged.places[row], [row]);
  }
  const {bins, calibrationError, brier} = reliabilityOf(
    judged.isCalibrated ? rows.length : 0,
    (i) => judged.scores[rows[i] * labels.length + said[rows[i]]],
    (i) => said[rows[i]] === truth[rows[i]]
  );
  return {
    kind,
    ...placeFigures(name, confusion),
    labels,
    confusion,
    classes,
    reliability: bins,
    calibrationError,
    brier,
    places: [...byPlace]
      .map(([place, own]) => placeFigures(place, confusionOf({labels, truth, said}, Int32Array.from(own))))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  };
}

/** Rows by true class and by the model's. */
export function confusionOf(
  {labels, truth, said}: Pick<Judged, "labels" | "truth" | "said">,
  rows: Int32Array
): number[][] {
  const confusion = labels.map(() => labels.map(() => 0));
  for (const row of rows) confusion[truth[row]][said[row]]++;
  return confusion;
}

function placeFigures(name: string, confusion: readonly (readonly number[])[]): PlaceFigures {
  const supports = confusion.map(sum);
  const f1 = confusion.flatMap((row, k) =>
    supports[k] > 0 ? [(2 * row[k]) / (supports[k] + sum(confusion.map((other) => other[k])))] : []
  );
  const attacks = sum(supports.slice(1));
  const unseen = sum(confusion.slice(1).map((row) => row[0]));
  return {
    name,
    rows: sum(supports),
    macroF1: rounded(sum(f1) / f1.length),
    falseAlarms: supports[0] > 0 ? rounded(1 - confusion[0][0] / supports[0]) : null,
    found: attacks > 0 ? rounded(1 - unseen / attacks) : null
  };
}

/** The curve of one class against all others, from the surest row on, and the area below it by steps. */
function precisionRecall(
  {labels, truth, scores}: Judged,
  rows: Int32Array,
  k: number
): {readonly averagePrecision: number | null; readonly curve: readonly CurvePoint[]} {
  const score = (row: number) => scores[row * labels.length + k];
  const ranked = rows.slice().sort((a, b) => score(b) - score(a));
  const positive = ranked.reduce((total, row) => total + (truth[row] === k ? 1 : 0), 0);
  if (positive === 0) return {averagePrecision: null, curve: []};
  const points: CurvePoint[] = [];
  let [found, area, before] = [0, 0, 0];
  for (let i = 0; i < ranked.length; i++) {
    if (truth[ranked[i]] === k) found++;
    // Rows with the same score come together: none of them is before another.
    if (i + 1 < ranked.length && score(ranked[i + 1]) === score(ranked[i])) continue;
    const [recall, precision] = [found / positive, found / (i + 1)];
    area += (recall - before) * precision;
    before = recall;
    points.push([recall, precision]);
    if (found === positive) break;
  }
  return {averagePrecision: rounded(area), curve: thinned(points)};
}

/** Evenly by recall, with the first and last point. */
function thinned(points: readonly CurvePoint[]): CurvePoint[] {
  const kept: CurvePoint[] = [];
  let next = 0;
  for (const [i, [recall, precision]] of points.entries()) {
    if (recall < next && i < points.length - 1) continue;
    kept.push([rounded(recall), rounded(precision)]);
    next = (Math.floor(recall * curvePoints) + 1) / curvePoints;
  }
  return kept;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
