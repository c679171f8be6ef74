import type {Column} from "./column.ts";
import {severities, suspiciousFrom} from "./incidents.ts";

/**
 * Counts up when equal flows and equal models come to other scores: a mended reader of features, another rounding. Verdicts,
 * activities and profiles of an earlier generation are made anew; files that name none are of the first. 2: features that
 * Node's own zstd unpacks are read from their own memory.
 */
export const scoringGeneration = 2;

/** Classes whose probabilities are stored, each in its own column. */
export const verdictClasses = ["Normal", "PortScan", "Probe", "BruteForce", "WebAttack", "DoS", "DDoS", "Botnet", "Infiltration", "Exfiltration"] as const;

/** The column with the probability of a class: `p_port_scan` of PortScan. */
export function probabilityColumn(name: string): string {
  return `p_${name.replace(/([a-z])([A-Z][a-z])/g, "$1_$2").toLowerCase()}`;
}

/**
 * One row per flow and model: rescoring adds rows and never rewrites flows. A flow without a row was not scored. A flow that
 * the model does not judge has a row with `not_judged` and without a class.
 */
export const verdictColumns = [
  {name: "flow_id", type: "BIGINT", doc: "The flow scored."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "model", type: "VARCHAR", doc: "Hash of the model files and their model cards."},
  {name: "label", type: "VARCHAR", nullable: true, doc: "The most probable class; NULL where the classifier does not judge the flow."},
  {name: "probability", type: "FLOAT", nullable: true, doc: "Probability of that class, 0 to 1; NULL without one."},
  {name: "is_unknown", type: "BOOLEAN", nullable: true, doc: "True where the probability is below the threshold in the model card, so that the label is a guess; NULL without a label."},
  {
    name: "anomaly_score",
    type: "FLOAT",
    nullable: true,
    doc: "Isolation Forest score, 0 to 1, higher is more anomalous among flows of the same kind (Liu et al. 2008, equation 2). The forest is fitted to past flows of the lake; for a model that ships its own forest this is the negated decision function. NULL where the lake had too few flows to compare with."
  },
  {name: "anomaly_p", type: "FLOAT", nullable: true, doc: "Share of the lake's past flows that are at least as anomalous (split-conformal p-value). Of flows like the past ones, 1 in 100 is below 0.01. NULL without a profile of the lake's past flows."},
  {name: "is_anomaly", type: "BOOLEAN", nullable: true, doc: "True where anomaly_p is at or below the configured rate (1 %). An anomaly alone does not make a flow suspicious. NULL without a score."},
  {name: "suspicious", type: "BOOLEAN", nullable: true, doc: "True where state is `suspicious`; NULL where the flow is not judged."},
  {name: "not_judged", type: "VARCHAR", nullable: true, doc: "Why there is no class: `protocol` (the classifier was not trained on flows of this IP protocol) or `classifier` (the model has no classifier); NULL where there is a class."},
  {name: "p_normal", type: "FLOAT", nullable: true, doc: "Probability of Normal, in steps of 1/4096; NULL where the flow is not judged. The other probabilities are alike, and also NULL where the model does not have the class."},
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

/** Columns that the view `verdicts` adds to those of the files: the state of a flow and its incident, known only after scoring. */
export const judgedColumns = [
  {name: "state", type: "VARCHAR", doc: "`suspicious`: belongs to an incident of medium or high severity; `unusual`: only an anomaly; `normal`: neither; `not_judged`: the model was not trained on such flows."},
  {name: "incident_id", type: "VARCHAR", nullable: true, doc: "The incident that the flow belongs to, of any severity, and the most severe one of several; NULL without one."}
] as const satisfies readonly Column[];

/** Name of the view over the rows of the files, before incidents are joined. */
export const verdictRows = "verdict_rows";

const grave = severities
  .slice(severities.indexOf(suspiciousFrom))
  .map((name) => `'${name}'`)
  .join(", ");

/** SQL for the state of a flow, from its columns of verdicts (NULL without any) and the severity of its incident. */
export function flowState(severity: string, isAnomaly: string, label: string): string {
  return `CASE WHEN ${severity} IN (${grave}) THEN 'suspicious' WHEN ${isAnomaly} THEN 'unusual' WHEN ${label} IS NULL THEN 'not_judged' ELSE 'normal' END`;
}

/** One of the four words for a flow. */
export type FlowWord = "suspicious" | "unusual" | "normal" | "not_judged";

/** The state of a flow as {@link flowState} has it, where no SQL is asked. */
export function flowWord(isOfGraveIncident: boolean, isAnomaly: boolean | null, hasClass: boolean): FlowWord {
  return isOfGraveIncident ? "suspicious" : isAnomaly ? "unusual" : hasClass ? "normal" : "not_judged";
}

/** A view with the most severe incident of each flow that belongs to one, scored or not. */
export const flowIncidentsView = {
  name: "flow_incidents",
  sql: `SELECT m.flow_id, m.capture_sha256, m.incident_id, i.severity, i.class
FROM incident_flows AS m JOIN incidents AS i ON i.incident_id = m.incident_id AND i.capture_sha256 = m.capture_sha256
WHERE m.is_main`
};

const isSuspicious = "CASE state WHEN 'suspicious' THEN TRUE WHEN 'not_judged' THEN NULL ELSE FALSE END AS suspicious";

/**
 * The view `verdicts`: the rows of the files with the state and incident of each flow. `suspicious` follows from the state; the
 * result of the classifier alone is in `label` and `is_unknown`.
 */
export const verdictView = {
  name: "verdicts",
  sql: `SELECT ${verdictColumns.map(({name}) => (name === "suspicious" ? isSuspicious : name)).join(", ")}, state, incident_id
FROM (
  SELECT v.*, s.incident_id, ${flowState("s.severity", "v.is_anomaly", "v.label")} AS state
  FROM ${verdictRows} AS v LEFT JOIN flow_incidents AS s ON s.flow_id = v.flow_id AND s.capture_sha256 = v.capture_sha256
) AS j`
};
