/** Figures of a model on some data it had not learnt from: numbers by name. */
export interface ModelFigures {
  /** What it was measured on, in words. */
  readonly on: string;
  /** Where that is: networks of others come first, those of the project's lab last. */
  readonly kind: "others" | "hosts" | "unseen" | "lab";
  readonly figures: Readonly<Record<string, number>>;
  /** Flows by truth (rows) and by what the model said (columns); of a classifier. */
  readonly confusion: {readonly labels: readonly string[]; readonly flows: readonly (readonly number[])[]} | null;
  /** Precision, recall and flows of each class; of a classifier. */
  readonly classes: readonly ClassFigures[];
}

export interface ClassFigures {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly support: number;
}

/** What pages know of a model: its card. */
export interface CardFacts {
  readonly name: string;
  readonly kind: string;
  readonly file: string;
  readonly features: number;
  readonly labels: readonly string[];
  /** IP protocols that it judges. */
  readonly protocols: readonly number[];
  readonly thresholds: Readonly<Record<string, number>>;
  readonly learner: string | null;
  readonly calibration: string | null;
  /** Captures that it learnt from, by where they are from. */
  readonly data: readonly {
    readonly from: string;
    readonly role: string;
    readonly licence: string | null;
    readonly captures: number;
  }[];
  readonly importance: readonly {readonly name: string; readonly share: number}[];
  /** Unknown networks first. */
  readonly figures: readonly ModelFigures[];
  /** Of an activity model: how often names of classes were right. */
  readonly naming: readonly {
    readonly name: string;
    readonly activities: number;
    readonly named: number;
    readonly right: number;
    readonly found: number;
  }[];
  readonly tools: string;
  readonly licence: string;
  readonly limits: string | null;
}

/** `data/model.json`. */
export interface ModelFacts {
  readonly hash: string | null;
  /** Why there is no model; null where there is one. */
  readonly problem: string | null;
  readonly cards: readonly CardFacts[];
}

const words: Readonly<Record<string, string>> = {
  flows: "flows",
  accuracy: "accuracy",
  macro_f1: "macro F1",
  attack_vs_normal_auroc: "AUROC, attack against normal",
  false_positive_rate: "false-positive rate",
  false_positive_rate_known: "false-positive rate above the threshold",
  unknown_share: "share below the threshold",
  accuracy_known: "accuracy above the threshold",
  expected_calibration_error: "expected calibration error",
  named_an_attack: "share named an attack",
  captures: "captures",
  captures_alarmed: "captures with an alarm",
  activities: "activities",
  activities_alarmed: "activities with an alarm",
  flows_alarmed: "flows in them",
  attacks: "activities with an attack",
  found: "attacks found",
  ordinary: "ordinary activities",
  ordinary_alarmed: "ordinary ones with an alarm",
  auroc: "AUROC"
};

/** A figure's name in words. */
export function figureWords(name: string): string {
  return words[name] ?? name.replaceAll("_", " ");
}
