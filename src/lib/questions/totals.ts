import type {Question} from "../question.js";

/** The headline numbers of a page. */
export const totals = {
  name: "totals",
  title: "How much was seen, and what was held of it",
  by: [],
  measures: [
    "flows",
    "packets",
    "bytes",
    "src_bytes",
    "dst_bytes",
    "judged",
    "suspicious",
    "unknown_class",
    "anomaly_scored",
    "anomalous"
  ]
} as const satisfies Question;
