import {activityColumns} from "./activities.ts";
import {arpColumns} from "./arp.ts";
import {captureColumns} from "./captures.ts";
import type {Table} from "./column.ts";
import {featureColumns} from "./features.ts";
import {flowColumns} from "./flows.ts";
import {incidentColumns, incidentFlowColumns} from "./incidents.ts";
import {noticeColumns} from "./notices.ts";
import {partColumns} from "./parts.ts";
import {recordTables} from "./records/index.ts";
import {judgedColumns, verdictColumns} from "./verdicts.ts";

/**
 * Rises when a table gains a column or one changes its name, type or meaning; kept in every file's metadata. Of parts of
 * an earlier version the columns that came later are NULL.
 */
export const schemaVersion = 8;

/** Every table of the lake. A new table is a list of columns and a line here. */
export const tables = [
  {
    name: "flows",
    doc: "Bidirectional flows. The view `hosts` says what they and the records tell of each address of a capture: mac, names (with their source), system (a hint, with its evidence), roles, services, first_seen, last_seen, flows_begun, flows_answered, sent_bytes, received_bytes.",
    columns: flowColumns,
    sortBy: ["ts_start", "flow_id"]
  },
  {name: "features", doc: "The fb1 features of each flow.", columns: featureColumns, sortBy: []},
  {name: "captures", doc: "What was read of each capture, and what was lost.", columns: captureColumns, sortBy: ["first_ts"]},
  {name: "parts", doc: "What was received and lost, part by part; the view `loss` (capture_sha256, layer, ts_start, ts_end, packets, received) says in which stretches each layer lost packets.", columns: partColumns, sortBy: ["ts_start"]},
  {name: "verdicts", doc: "What a model says of each flow.", columns: verdictColumns, derived: judgedColumns, sortBy: []},
  {name: "activities", doc: "What a model says of the activity of each source in windows of a minute.", columns: activityColumns, sortBy: ["window_start"]},
  {name: "notices", doc: "What rules found: their part of incidents.", columns: noticeColumns, sortBy: ["ts_start"]},
  {name: "incidents", doc: "What rules, activities and the classifier say together of one source in a stretch of time.", columns: incidentColumns, sortBy: ["ts_start"]},
  {name: "incident_flows", doc: "The flows of incidents; the view `flow_incidents` (flow_id, capture_sha256, incident_id, severity, class) has the one incident of each flow.", columns: incidentFlowColumns, sortBy: []},
  ...recordTables,
  {name: "arp", doc: "ARP packets: who claims which address, and who asks for it.", columns: arpColumns, sortBy: ["ts"]}
] as const satisfies readonly Table[];

export type TableName = (typeof tables)[number]["name"];

/** The table of that name; throws where there is none. */
export function table(name: TableName): Table {
  const found = tables.find((t) => t.name === name);
  if (!found) throw new Error(`no table ${name}; there are ${tables.map((t) => t.name).join(", ")}`);
  return found;
}
