import type {Carried, FlowDetails} from "./carried-answers.js";
import {communityId} from "./community-id.js";
import {detailNames} from "./flow-details.js";
import {type FlowTable, numberColumns, textColumns} from "./flow-table.js";
import type {PackedColumns} from "./packed-columns.js";

/** Names under which a single file carries flows, their details, and the flows of incidents; a site has them below `data/`, gzipped. */
export const packedNames = {flows: "flows.packed", details: "flow-details.packed", incidents: "incident-flows.packed"};

/** The list that has the texts of a column: a host has one code at both ends. */
export const listOf = (column: string) => (column === "src_ip" || column === "dst_ip" ? "hosts" : column);

/** In the place of a text that follows from the flow itself: its own address, or its Community ID. */
export const ofFlow = {same: "=", ordered: "=", oneWay: ">"} as const;

/** An id that stands for one that the file leaves out, since nothing refers to it. */
const standIn = (row: number) => -BigInt(row + 1);

/** Whether an id of a flow is no id, but stands for one that the file leaves out. */
export const isStandIn = (id: bigint) => id < 0n && id >= -(2n ** 32n);

/** The flows; a column is unpacked when it is first read, as the first charts need few of them. */
export function packedFlowTable(columns: PackedColumns): FlowTable {
  const table = {
    rows: columns.rows,
    numbers: unpackedWhenRead(numberColumns, (name) => columns.numbers(name)),
    texts: unpackedWhenRead(textColumns, (name) => columns.texts(name))
  };
  return whenRead(table, "ids", () => packedIds(columns)) as unknown as FlowTable;
}

function packedIds(columns: PackedColumns): BigInt64Array {
  const all = columns.ids("flow_id");
  if (all) return all;
  const {codes, values} = columns.texts("flow_id");
  const ids = new BigInt64Array(columns.rows);
  for (let row = 0; row < ids.length; row++) ids[row] = codes[row] < 0 ? standIn(row) : BigInt(values[codes[row]]);
  return ids;
}

function unpackedWhenRead<Column>(names: readonly string[], unpack: (name: string) => Column): Record<string, Column> {
  const columns = {};
  for (const name of names) whenRead(columns, name, () => unpack(name));
  return columns;
}

/** Gives an object a property that is made when it is first read. */
function whenRead<Value>(object: object, name: string, make: () => Value): object {
  const configurable = true;
  const get = () => {
    const value = make();
    Object.defineProperty(object, name, {value, enumerable: true});
    return value;
  };
  return Object.defineProperty(object, name, {get, enumerable: true, configurable});
}

/** The details of a flow by its row: the rows are those of the flows. */
export function packedDetails(columns: PackedColumns, flows: FlowTable): FlowDetails {
  const [texts, numbers] = [new Set<string>(packedDetailTexts), new Set<string>(packedDetailNumbers)];
  return (row) => {
    const end = (name: "src_ip" | "dst_ip") => flows.texts[name].values[flows.texts[name].codes[row]];
    const port = (name: "src_port" | "dst_port" | "proto") => flows.numbers[name][row];
    const text = (name: string) => {
      const held = columns.textAt(name, row);
      if (held === ofFlow.same && name.startsWith("outer_")) return end(name.slice(6) as "src_ip");
      if (name !== "community_id" || (held !== ofFlow.ordered && held !== ofFlow.oneWay)) return held;
      const ends = {src: end("src_ip"), dst: end("dst_ip"), srcPort: port("src_port"), dstPort: port("dst_port")};
      return communityId({...ends, proto: port("proto")}, held === ofFlow.oneWay);
    };
    const number = (name: string) => {
      const value = columns.numberAt(name, row);
      return Number.isNaN(value) ? null : value;
    };
    return Object.fromEntries(
      Object.keys(detailNames).map((name) => [
        name,
        texts.has(name) ? text(name) : numbers.has(name) ? number(name) : null
      ])
    );
  };
}

/** What of the details is packed. */
export const packedDetailTexts = [
  "outer_src_ip",
  "outer_dst_ip",
  "tunnel",
  "history",
  "end_reason",
  "community_id",
  "ja4"
] as const;

export const packedDetailNumbers = [
  "vlan",
  "vlan_inner",
  "src_ip_bytes",
  "dst_ip_bytes",
  "src_payload_bytes",
  "dst_payload_bytes"
] as const;

/** The flows of incidents that matter most, those of one incident in order, by their rows. */
export function packedIncidentFlows(columns: PackedColumns): Awaited<ReturnType<Carried["incidentFlows"]>> {
  const {codes, values} = columns.texts("incident_id");
  const [rows, shares] = [columns.numbers("row"), columns.numbers("contribution")];
  return (incident, most) => {
    const code = values.indexOf(incident);
    const found = [...codes.keys()].filter((at) => codes[at] === code && code >= 0).slice(0, most);
    return {rows: found.map((at) => rows[at]), shares: found.map((at) => shares[at])};
  };
}
