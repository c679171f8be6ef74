import type {Column} from "./column.ts";
import {severities, suspiciousFrom} from "./incidents.ts";

/** Classes whose probabilities are kept, each in a column of its own. */
export const verdictClasses = ["Normal", "PortScan", "Probe", "BruteForce", "WebAttack", "DoS", "DDoS", "Botnet", "Infiltration", "Exfiltration"] as const;

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
  {name: "anomaly_score", type: "FLOAT", nullable: true, doc: "Isolation Forest score by the lake's profile, 0 to 1, higher is stranger among flows of its kind (Liu et al. 2008, equation 2); of a model with a forest of its own the negated decision; NULL where too few flows were there to compare with."},
  {name: "anomaly_p", type: "FLOAT", nullable: true, doc: "Share of the lake's past flows that are at least as strange (split-conformal p-value): a flow like those of the past is below 0.01 once in a hundred times; NULL without a profile of the lake."},
  {name: "is_anomaly", type: "BOOLEAN", nullable: true, doc: "anomaly_p at or below the rate set (1 %): unlike the lake's past, which by itself makes no flow suspicious; NULL without a score."},
  {name: "suspicious", type: "BOOLEAN", nullable: true, doc: "True where `state` is suspicious; NULL where the flow is not judged."},
  {name: "not_judged", type: "VARCHAR", nullable: true, doc: "Why there is no class: `protocol` where the classifier has not learnt flows of this IP protocol, `classifier` where the model has none; NULL where there is one."},
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

/** Columns that the view `verdicts` has beside those of the files: what incidents make of a flow, which come later. */
export const judgedColumns = [
  {name: "state", type: "VARCHAR", doc: "`suspicious`: belongs to an incident of medium severity or more; `unusual`: only its anomaly says so; `normal`; `not_judged`: the model has not learnt such flows."},
  {name: "incident_id", type: "VARCHAR", nullable: true, doc: "The incident that the flow belongs to, the gravest of several, of whatever severity; NULL without one."}
] as const satisfies readonly Column[];

/** The view of the files' rows, before incidents are joined to them. */
export const verdictRows = "verdict_rows";

const grave = severities
  .slice(severities.indexOf(suspiciousFrom))
  .map((name) => `'${name}'`)
  .join(", ");

/** What is said of a flow, given its columns of verdicts (null without any) and the severity of its incident. */
export function flowState(severity: string, isAnomaly: string, label: string): string {
  return `CASE WHEN ${severity} IN (${grave}) THEN 'suspicious' WHEN ${isAnomaly} THEN 'unusual' WHEN ${label} IS NULL THEN 'not_judged' ELSE 'normal' END`;
}

/** A view with the one incident of each flow that belongs to any, be it scored or not. */
export const flowIncidentsView = {
  name: "flow_incidents",
  sql: `SELECT m.flow_id, m.capture_sha256, m.incident_id, i.severity, i.class
FROM incident_flows AS m JOIN incidents AS i ON i.incident_id = m.incident_id AND i.capture_sha256 = m.capture_sha256
WHERE m.is_main`
};

const isSuspicious = "CASE state WHEN 'suspicious' THEN TRUE WHEN 'not_judged' THEN NULL ELSE FALSE END AS suspicious";

/**
 * The view `verdicts`: the rows of its files with what incidents make of each flow. `suspicious` is that of the state: what
 * the classifier says of a flow alone is in `label` and `is_unknown`.
 */
export const verdictView = {
  name: "verdicts",
  sql: `SELECT ${verdictColumns.map(({name}) => (name === "suspicious" ? isSuspicious : name)).join(", ")}, state, incident_id
FROM (
  SELECT v.*, s.incident_id, ${flowState("s.severity", "v.is_anomaly", "v.label")} AS state
  FROM ${verdictRows} AS v LEFT JOIN flow_incidents AS s ON s.flow_id = v.flow_id AND s.capture_sha256 = v.capture_sha256
) AS j`
};
