import type {Column, Row} from "./column.ts";

/** One row per flow and model: rescoring adds rows and never rewrites flows. No row: not scored. */
export const verdictColumns = [
  {name: "flow_id", type: "BIGINT", doc: "The flow scored."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "model", type: "VARCHAR", doc: "Hash over the model files and their cards."},
  {name: "label", type: "VARCHAR", doc: "The likeliest class."},
  {name: "probability", type: "FLOAT", doc: "Probability of that class, 0 to 1."},
  {name: "is_unknown", type: "BOOLEAN", doc: "True where the probability is below the card's threshold: the label is a guess."},
  {name: "anomaly_score", type: "FLOAT", nullable: true, doc: "Isolation Forest score, higher is more anomalous (negated scikit-learn decision_function, so 0 is the threshold of training); NULL without that model."},
  {name: "is_anomaly", type: "BOOLEAN", nullable: true, doc: "anomaly_score above the card's threshold; NULL without that model."},
  {name: "suspicious", type: "BOOLEAN", doc: "A known class other than Normal (is_unknown false), or an anomaly."}
] as const satisfies readonly Column[];

export type VerdictRow = Row<typeof verdictColumns>;
