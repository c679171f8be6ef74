import type {Column, Row} from "./column.ts";

/** Severities from the least to the most. */
export const severities = ["info", "low", "medium", "high"] as const;
export type Severity = (typeof severities)[number];

/** Flows of incidents of at least this severity are suspicious. */
export const suspiciousFrom: Severity = "medium";

/** True where flows of incidents of that severity are suspicious. */
export function isSuspicious(severity: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(suspiciousFrom);
}

/** Life of an incident, by packet time: it grew in the last minute, may still grow, is over, or is part of another now. */
export const incidentStates = ["growing", "open", "closed", "merged"] as const;
export type IncidentState = (typeof incidentStates)[number];

/**
 * One row per incident: what rules, the activity model and the classifier say of one source (or of one target of many
 * sources) in one stretch of time, of one class.
 */
export const incidentColumns = [
  {name: "incident_id", type: "VARCHAR", doc: "Hash of capture, class and subject (the source; the target of many sources) and the incident's number among those of the same: it stays while the incident grows, and is the same live and from file."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture it was found in."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of what belongs to it."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "End of what belongs to it."},
  {name: "state", type: "VARCHAR", doc: "`growing` (more came in the last minute of packet time), `open` (more may come within five minutes), `closed`, or `merged` into another. Only a running capture has growing and open ones."},
  {name: "merged_into", type: "VARCHAR", nullable: true, doc: "The incident that a merged one is part of; NULL for all others."},
  {name: "class", type: "VARCHAR", doc: "What it is: a class of the classifier (PortScan, BruteForce …), one of rules alone (Spoofing, LateralMovement …), or `Suspicious activity` where the models cannot name it."},
  {name: "probability", type: "FLOAT", doc: "Probability that it is an attack, 0 to 1: the greatest among its findings."},
  {name: "severity", type: "VARCHAR", doc: "info, low, medium or high: the greatest among its findings. Flows of incidents from medium on are suspicious."},
  {name: "attack_technique", type: "VARCHAR", nullable: true, doc: "MITRE ATT&CK technique id of the gravest finding that has one.", source: "MITRE ATT&CK"},
  {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Who did it; NULL for many."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "To whom; NULL for many."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "Port aimed at; NULL for many."},
  {name: "flows", type: "BIGINT", doc: "Its flows in `incident_flows`; 0 where packets without flows (ARP) are the evidence."},
  {name: "summary", type: "VARCHAR", doc: "One sentence, of its gravest finding."},
  {name: "reasons", type: "VARCHAR", doc: "JSON array of its findings, gravest first: {source (rule, activity, classifier), name, id, severity, probability, ts_start, ts_end (µs), summary, reasons (figures and limits)}."}
] as const satisfies readonly Column[];

export type IncidentRow = Omit<Row<typeof incidentColumns>, "state" | "severity"> & {readonly state: IncidentState; readonly severity: Severity};

/** One row per incident and flow that belongs to it. */
export const incidentFlowColumns = [
  {name: "incident_id", type: "VARCHAR", doc: "The incident."},
  {name: "flow_id", type: "BIGINT", doc: "A flow that belongs to it."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of both."},
  {name: "contribution", type: "FLOAT", doc: "The flow's share of the evidence: its findings, plus the classifier's probability where that names an attack; the shares of an incident add up to 1."},
  {name: "is_main", type: "BOOLEAN", doc: "True in one incident of each flow, the gravest that it belongs to: the one of `verdicts.incident_id`."}
] as const satisfies readonly Column[];

/** What is said of a flow, from the gravest. */
export const flowStates = ["suspicious", "unusual", "normal", "not_judged"] as const;
export type FlowState = (typeof flowStates)[number];
