import type {Column, Row} from "./column.ts";

/** An activity is what one source did in a window of so much packet time; windows begin at multiples of it since 1970. */
export const activityWindowUs = 60e6;
/** Flows that an activity has at least: one or two are no evidence. */
export const leastActivityFlows = 3;

/**
 * One row per activity and model: a source address in a window of 60 s with at least three flows. Its flows are those of
 * the capture with `src_ip` as originator and `window_start <= ts_start < window_start + 60 s`. No row: too few flows,
 * or not scored.
 */
export const activityColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture it was seen in."},
  {name: "model", type: "VARCHAR", doc: "Hash over the model files and their cards, as in `verdicts`."},
  {name: "window_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of the window of 60 s of packet time; the activity's flows began in it."},
  {name: "src_ip", type: "VARCHAR", doc: "The source: originator of its flows."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of its first flow."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "End of its last flow."},
  {name: "flows", type: "BIGINT", doc: "Its flows, three at least."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "The one responder of all its flows; NULL for many."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "The one responder port of all its flows; NULL for many."},
  {name: "score", type: "FLOAT", doc: "Calibrated probability that the activity is suspicious, 0 to 1."},
  {name: "suspicious", type: "BOOLEAN", doc: "score at or above the card's threshold."},
  {name: "class", type: "VARCHAR", nullable: true, doc: "What it is where it can be named (PortScan, BruteForce, DoS …); NULL: suspicious activity without a name, or not suspicious."},
  {name: "class_probability", type: "FLOAT", nullable: true, doc: "Probability of the class among suspicious activities; NULL without one."},
  {name: "contributions", type: "VARCHAR", nullable: true, doc: "JSON array of {feature, value, amount}, largest amounts first: what each feature of the activity adds to the log-odds of score. Their sum and `base` (the first entry) is the log-odds. NULL where score is small."}
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
