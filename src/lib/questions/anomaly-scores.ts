import type {Question} from "../question.js";

/** Flows by anomaly score. */
export const anomalyScores = {
  name: "anomaly-scores",
  title: "Flows by anomaly score",
  by: ["score_bin"],
  measures: ["flows", "anomalous"],
  only: "anomaly-scored"
} as const satisfies Question;
