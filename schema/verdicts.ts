import type {Column, Row} from "./column.ts";

/** Classes whose probabilities are kept, each in a column of its own. */
export const verdictClasses = [
  "Normal",
  "PortScan",
  "Probe",
  "BruteForce",
  "WebAttack",
  "DoS",
  "DDoS",
  "Botnet",
  "Infiltration",
  "Exfiltration"
] as const;

/** The column with the probability of a class: `p_port_scan` of PortScan. */
export function probabilityColumn(name: string): string {
  return `p_${name.replace(/([a-z])([A-Z][a-z])/g, "$1_$2").toLowerCase()}`;
}

/**
 * One row per flow and model: rescoring adds rows and never rewrites flows. No row: not scored. A flow that the model
 * does not judge has a row with `not_judged` and without a class.
 */
export const verdictColumns = [
  {name: "flow_id", type: "BIGINT", doc: "The flow scored."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "model", type: "VARCHAR", doc: "Hash over the model files and their cards."},
  {name: "label", type: "VARCHAR", nullable: true, doc: "The likeliest class; NULL where the classifier does not judge the flow."},
  {name: "probability", type: "FLOAT", nullable: true, doc: "Probability of that class, 0 to 1; NULL without one."},
  {name: "is_unknown", type: "BOOLEAN", nullable: true, doc: "True where the probability is below the card's threshold: the label is a guess; NULL without one."},
  {name: "anomaly_score", type: "FLOAT", nullable: true, doc: "Isolation Forest score, higher is more anomalous (negated scikit-learn decision_function, so 0 is the threshold of training); NULL without that model."},
  {name: "is_anomaly", type: "BOOLEAN", nullable: true, doc: "anomaly_score above the card's threshold: unlike other flows, which by itself makes none suspicious; NULL without that model."},
  {name: "suspicious", type: "BOOLEAN", nullable: true, doc: "A known class other than Normal (is_unknown false); NULL where the classifier does not judge the flow."},
  {name: "not_judged", type: "VARCHAR", nullable: true, doc: "Why there is no class: `protocol` where the classifier has not learnt flows of this IP protocol; NULL where there is one."},
  {name: "p_normal", type: "FLOAT", nullable: true, doc: "Probability of Normal, in steps of 1/4096; NULL where the flow is not judged. So are the others, NULL also where the model does not know the class."},
  {name: "p_port_scan", type: "FLOAT", nullable: true, doc: "Probability of PortScan."},
  {name: "p_probe", type: "FLOAT", nullable: true, doc: "Probability of Probe."},
  {name: "p_brute_force", type: "FLOAT", nullable: true, doc: "Probability of BruteForce."},
  {name: "p_web_attack", type: "FLOAT", nullable: true, doc: "Probability of WebAttack."},
  {name: "p_dos", type: "FLOAT", nullable: true, doc: "Probability of DoS."},
  {name: "p_ddos", type: "FLOAT", nullable: true, doc: "Probability of DDoS."},
  {name: "p_botnet", type: "FLOAT", nullable: true, doc: "Probability of Botnet."},
  {name: "p_infiltration", type: "FLOAT", nullable: true, doc: "Probability of Infiltration."},
  {name: "p_exfiltration", type: "FLOAT", nullable: true, doc: "Probability of Exfiltration."}
] as const satisfies readonly Column[];

export type VerdictRow = Row<typeof verdictColumns>;
