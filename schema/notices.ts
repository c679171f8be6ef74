import type {Column, Row} from "./column.ts";

/** One row per finding of a rule: its part of an incident. */
export const noticeColumns = [
  {name: "notice_id", type: "VARCHAR", doc: "Hash of capture, rule, endpoints and start, as they were when the notice was first raised."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the notice belongs to."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Start of the first flow of the finding."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "End of the last flow of the finding."},
  {name: "rule", type: "VARCHAR", doc: "Name of the rule (port_scan, brute_force …)."},
  {name: "attack_technique", type: "VARCHAR", nullable: true, doc: "MITRE ATT&CK technique id; NULL without one.", source: "MITRE ATT&CK"},
  {name: "severity", type: "VARCHAR", doc: "info, low, medium or high."},
  {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Address of the source; NULL for several sources."},
  {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "Address of the target; NULL for several targets."},
  {name: "dst_port", type: "INTEGER", nullable: true, doc: "Target port; NULL for several ports."},
  {name: "flows", type: "BIGINT", doc: "Number of flows of the finding."},
  {name: "summary", type: "VARCHAR", doc: "One sentence that describes the finding."},
  {name: "reasons", type: "VARCHAR", doc: "JSON array of the measured values and the limits they exceeded."}
] as const satisfies readonly Column[];

export type NoticeRow = Row<typeof noticeColumns>;
