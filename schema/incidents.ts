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

/** State of an incident, by packet time: it grew in the last minute, may still grow, is closed, or was merged into another. */
export const incidentStates = ["growing", "open", "closed", "merged"] as const;
export type IncidentState = (typeof incidentStates)[number];

/**
 * One row per incident: the findings of rules, activity model and classifier about one source (or one target of many
 * sources), of one class, in one period of time.
 */
export const incidentColumns = [
  {name: "incident_id", type: "VARCHAR", doc: "Hash of capture, class, subject (the source, or the target of many sources) and a running number. It does not change while the incident grows, and is the same for a live capture and its file."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the incident belongs to."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of the earliest finding."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "End of the latest finding."},
  {name: "state", type: "VARCHAR", doc: "`growing` (new findings in the last minute of packet time), `open` (new findings can still join, within five minutes), `closed`, or `merged` into another incident. Only a running capture has growing and open incidents."},
  {name: "merged_into", type: "VARCHAR", nullable: true, doc: "For a merged incident, the incident it was merged into; NULL for all others."},
  {name: "class", type: "VARCHAR", doc: "Class: one of the classifier (PortScan, BruteForce …), one that only rules find (Spoofing, LateralMovement …), or `Suspicious activity` where the models cannot assign one."},
  {name: "probability", type: "FLOAT", doc: "Probability that it is an attack, 0 to 1: the highest among its findings."},
  {name: "severity", type: "VARCHAR", doc: "info, low, medium or high: the highest among its findings. Flows of incidents of medium or high severity are suspicious."},
  {name: "attack_technique", type: "VARCHAR", nullable: true, doc: "MITRE ATT&CK technique id of the most severe finding that has one; NULL without any.", source: "MITRE ATT&CK"},
  {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Address of the source; NULL for several sources."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "Address of the target; NULL for several targets."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "Target port; NULL for several ports."},
  {name: "flows", type: "BIGINT", doc: "Number of its flows in `incident_flows`; 0 where the evidence is packets without a flow (ARP)."},
  {name: "summary", type: "VARCHAR", doc: "One sentence that describes its most severe finding."},
  {name: "reasons", type: "VARCHAR", doc: "JSON array of its findings, most severe first: {source (rule, activity, classifier), name, id, severity, probability, ts_start, ts_end (µs), summary, reasons (figures and limits)}."}
] as const satisfies readonly Column[];

export type IncidentRow = Omit<Row<typeof incidentColumns>, "state" | "severity"> & {readonly state: IncidentState; readonly severity: Severity};

/** One row per incident and flow that belongs to it. */
export const incidentFlowColumns = [
  {name: "incident_id", type: "VARCHAR", doc: "The incident."},
  {name: "flow_id", type: "BIGINT", doc: "A flow of the incident."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of incident and flow."},
  {name: "contribution", type: "FLOAT", doc: "The flow's share of the evidence, from the findings it is part of and the classifier's probability if that is for an attack. The shares of an incident add up to 1."},
  {name: "is_main", type: "BOOLEAN", doc: "True for the most severe incident of the flow, the one in `verdicts.incident_id`; each flow has exactly one."}
] as const satisfies readonly Column[];

/** States of a flow, most severe first. */
export const flowStates = ["suspicious", "unusual", "normal", "not_judged"] as const;
export type FlowState = (typeof flowStates)[number];
