import type {Column, Row} from "./column.ts";

/** Length of an activity window in packet time. Windows begin at multiples of it since 1970. */
export const activityWindowUs = 60e6;
/** Minimum number of flows of an activity; one or two are too little evidence. */
export const leastActivityFlows = 3;

/**
 * One row per activity and model: a source address in a window of 60 s with at least three flows. Its flows are those of
 * the capture with `src_ip` as originator and `window_start <= ts_start < window_start + 60 s`. No row: too few flows,
 * or not scored.
 */
export const activityColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the activity belongs to."},
  {name: "model", type: "VARCHAR", doc: "Hash over the model files and their cards, as in `verdicts`."},
  {name: "window_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of the 60 s window (packet time) in which the activity's flows started."},
  {name: "src_ip", type: "VARCHAR", doc: "The source: originator of all flows of the activity."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of its first flow."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "End of its last flow."},
  {name: "flows", type: "BIGINT", doc: "Number of flows, at least three."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "Responder, if all flows have the same; NULL for several."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "Responder port, if all flows have the same; NULL for several."},
  {name: "score", type: "FLOAT", doc: "Calibrated probability that the activity is suspicious, 0 to 1."},
  {name: "suspicious", type: "BOOLEAN", doc: "True where score reaches the threshold in the model card."},
  {name: "class", type: "VARCHAR", nullable: true, doc: "Class of the activity (PortScan, BruteForce, DoS …); NULL where it is not suspicious, or the model cannot assign a class."},
  {name: "class_probability", type: "FLOAT", nullable: true, doc: "Probability of the class among suspicious activities; NULL without one."},
  {name: "contributions", type: "VARCHAR", nullable: true, doc: "JSON array of {feature, value, amount}, largest amounts first: what each feature of the activity adds to the log-odds of score. The amounts, with `base` as first entry, add up to the log-odds. NULL where score is small."}
] as const satisfies readonly Column[];

export type ActivityRow = Row<typeof activityColumns>;

/** One entry of `activities.contributions`. */
export interface Contribution {
  /** Name of an activity feature, `base`, or `rest`: what features that are not listed add together. */
  readonly feature: string;
  /** The feature's value; null for `base` and `rest`. */
  readonly value: number | null;
  /** Added to the log-odds. */
  readonly amount: number;
}
