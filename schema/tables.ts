import {createHash} from "node:crypto";
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

/** Every table of the lake. A new table is a list of columns and a line here. */
export const tables = [
  {
    name: "flows",
    doc: "Bidirectional flows. The view `hosts` summarises flows and records by address and capture: mac, vendor (of the network interface), names (with their source), system (a hint, with its evidence), roles, services, first_seen, last_seen, flows_begun, flows_answered, sent_bytes, received_bytes.",
    columns: flowColumns,
    sortBy: ["ts_start", "flow_id"]
  },
  {name: "features", doc: "The fb1 features of each flow.", columns: featureColumns, sortBy: []},
  {name: "captures", doc: "Captures: what was read, and what was lost.", columns: captureColumns, sortBy: ["first_ts"]},
  {name: "parts", doc: "Packets received and lost in each part. The view `loss` (capture_sha256, layer, ts_start, ts_end, packets, received) lists the periods in which each layer lost packets.", columns: partColumns, sortBy: ["ts_start"]},
  {name: "verdicts", doc: "Classification and anomaly score of each flow by a model.", columns: verdictColumns, derived: judgedColumns, sortBy: []},
  {name: "activities", doc: "Classification by a model of what each source did in windows of one minute.", columns: activityColumns, sortBy: ["window_start"]},
  {name: "notices", doc: "Findings of rules; each belongs to an incident.", columns: noticeColumns, sortBy: ["ts_start"]},
  {name: "incidents", doc: "Incidents: the findings of rules, activity model and classifier about one source in a period of time, taken together.", columns: incidentColumns, sortBy: ["ts_start"]},
  {name: "incident_flows", doc: "The flows of incidents. The view `flow_incidents` (flow_id, capture_sha256, incident_id, severity, class) contains the most severe incident of each flow.", columns: incidentFlowColumns, sortBy: []},
  ...recordTables,
  {name: "arp", doc: "ARP packets: who claims which address, and who asks for it.", columns: arpColumns, sortBy: ["ts"]}
] as const satisfies readonly Table[];

/**
 * Differs where a table gains or loses a column, or a column changes its name or type: a digest of them all. Stored in the metadata
 * of every file; in parts with another one, columns that came later are NULL.
 */
export const schemaVersion = createHash("sha256")
  .update(JSON.stringify(tables.map(({name, columns}) => [name, columns.map((column) => [column.name, column.type])])))
  .digest("hex")
  .slice(0, 12);

export type TableName = (typeof tables)[number]["name"];

/** The table of that name; throws where there is none. */
export function table(name: TableName): Table {
  const found = tables.find((t) => t.name === name);
  if (!found) throw new Error(`no table ${name}; there are ${tables.map((t) => t.name).join(", ")}`);
  return found;
}
