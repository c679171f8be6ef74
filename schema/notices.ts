import type {Column, Row} from "./column.ts";

/** One row per finding of a rule: its part of an incident. */
export const noticeColumns = [
  {name: "notice_id", type: "VARCHAR", doc: "Hash of capture, rule, endpoints and start, as they were when it was first told."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture it was found in."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "First flow of the incident."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "Last flow of the incident."},
  {name: "rule", type: "VARCHAR", doc: "Name of the rule (port_scan, brute_force …)."},
  {name: "attack_technique", type: "VARCHAR", nullable: true, doc: "MITRE ATT&CK technique id.", source: "MITRE ATT&CK"},
  {name: "severity", type: "VARCHAR", doc: "info, low, medium or high."},
  {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Who did it; NULL for many."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "To whom; NULL for many."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "Port aimed at; NULL for many."},
  {name: "flows", type: "BIGINT", doc: "Flows of the incident."},
  {name: "summary", type: "VARCHAR", doc: "One sentence."},
  {name: "reasons", type: "VARCHAR", doc: "JSON array of the figures and limits that decided."}
] as const satisfies readonly Column[];

export type NoticeRow = Row<typeof noticeColumns>;
