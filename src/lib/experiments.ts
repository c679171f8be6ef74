import type {ReliabilityBin} from "./reliability.js";

/** What a set of figures is about, the one that says most of another network first. */
export const figureKinds = ["unknown", "others", "left_out", "known", "own"] as const;
export type FigureKind = (typeof figureKinds)[number];

/** In words, by kind. */
export const figureTitles: Readonly<Record<FigureKind, string>> = {
  unknown: "Networks not trained on",
  others: "Ordinary captures of others, left out",
  left_out: "Training networks, each left out",
  known: "Other captures of networks trained on",
  own: "Flows drawn from the training set itself"
};

/** What such figures are worth. */
export const figureNotes: Readonly<Record<FigureKind, string>> = {
  unknown: "Captures or tables given as a test, of networks that the model has not seen.",
  others: "Each repository judged by a model that has not seen it. Everything in it is ordinary.",
  left_out: "Each network or table judged by a model that has not seen it. They are by the same authors.",
  known: "The network was trained on, this capture was not.",
  own: "A random split of the only network or table with attacks. It says nothing of other networks."
};

/** A point of a precision-recall curve. */
export type CurvePoint = readonly [recall: number, precision: number];

export interface ClassFigures {
  readonly label: string;
  readonly support: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Area below the precision-recall curve, by steps; null where the class is absent. */
  readonly averagePrecision: number | null;
  readonly curve: readonly CurvePoint[];
}

/** Figures of one network, repository or table in a set. */
export interface PlaceFigures {
  readonly name: string;
  readonly rows: number;
  readonly macroF1: number | null;
  /** Share of the ordinary ones that were taken for an attack; null without any. */
  readonly falseAlarms: number | null;
  /** Share of the attacks that were taken for one, of whatever class; null without any. */
  readonly found: number | null;
}

/** How a model did on a set of flows or activities that it had not learnt from. */
export interface FigureSet extends PlaceFigures {
  readonly kind: FigureKind;
  /** The model's classes, first `Normal`. */
  readonly labels: readonly string[];
  /** Rows by true class and by the model's, both as `labels`. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassFigures[];
  /** Empty where the model gives a score that is no probability. */
  readonly reliability: readonly ReliabilityBin[];
  readonly calibrationError: number | null;
  /** Brier score of the named class; runs of earlier versions have none. */
  readonly brier?: number | null;
  readonly places: readonly PlaceFigures[];
}

/** A model that a training made. */
export interface TrainedModel {
  readonly name: "classifier" | "activity" | "anomaly";
  readonly learner: string;
  readonly features: number;
  /** By weight, the greatest first; empty where the learner has none. */
  readonly importance: readonly (readonly [feature: string, share: number])[];
  /** What a share of the importance is of; without it of the decrease in error. */
  readonly importanceOf?: string;
  /** By table of others: features that it does not have. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  readonly sets: readonly FigureSet[];
}

/** What a model learnt from, by network, repository or table. */
export interface TrainingSource {
  readonly name: string;
  readonly role: string;
  readonly captures: number;
  readonly flows: Readonly<Record<string, number>>;
  readonly licence: string | null;
}

/** One training run, as `LAKE/.experiments/ID/experiment.json` keeps it. */
export interface Experiment {
  readonly version: 1;
  /** First 16 digits of the SHA-256 over settings, data and pinned packages: the same run has the same. */
  readonly id: string;
  readonly learner: string;
  readonly effort: "quick" | "full";
  readonly smote: boolean;
  readonly seed: number;
  readonly steps: readonly string[];
  /** SHA-256 over the models and their cards. */
  readonly modelHash: string;
  /** How often this run was made with these same files. */
  readonly runs: number;
  /** Wall clock of the last run, in ms since 1970, and how long it took. */
  readonly madeMs: number;
  readonly tookMs: number;
  readonly models: readonly TrainedModel[];
  readonly sources: readonly TrainingSource[];
}

/** A run in a few words: `random-forest, quick, SMOTE, seed 1`. */
export function experimentName({learner, effort, smote, seed}: Experiment): string {
  return [learner, effort, ...(smote ? ["SMOTE"] : []), `seed ${seed}`].join(", ");
}

const sourceWords = {
  train: ["labelled capture", "labelled captures"],
  background: ["capture of others", "captures of others"],
  table: ["table", "tables"],
  labels: ["capture labelled by readers", "captures labelled by readers"]
} as const;

/** What a run learnt from in a few words: `48 labelled captures, 1 table`. */
export function learntFrom({sources}: Experiment): string {
  return Object.entries(sourceWords)
    .flatMap(([role, [one, many]]) => {
      const count = sources.reduce((sum, source) => sum + (source.role === role ? source.captures : 0), 0);
      return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
    })
    .join(", ");
}
