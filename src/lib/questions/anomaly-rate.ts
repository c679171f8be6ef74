import type {Question} from "../question.js";

/** Anomalous and scored flows over time. */
export const anomalyRate = {
  name: "anomaly-rate",
  title: "Anomalous and scored flows over time",
  by: [],
  measures: ["flows", "anomaly_scored", "anomalous", "judged", "suspicious"],
  time: "start"
} as const satisfies Question;
