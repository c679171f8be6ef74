import type {FlowOrderName} from "../../lib/flow-page.js";
import type {FlowTable} from "../../lib/flow-table.js";
import {formatBytes, formatCount, formatDuration, formatTime, signed, type Zone} from "../../lib/format.js";
import {className} from "../../lib/incidents.js";
import {connectionStates, portText, protocolName, serviceName, verdictName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import {visibleText} from "../../lib/visible-text.js";
import type {Notebook} from "../page/notebook.js";

/** A column of the list of flows. */
export interface FlowColumn {
  readonly id: FlowOrderName;
  readonly name: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels where the flows are of several days. */
  readonly widthWithDay?: number;
  readonly number?: boolean;
  /** Not shown until chosen. */
  readonly hidden?: boolean;
  /** Not shown until chosen where the window is narrower, in pixels: the usual columns fit without scrolling. */
  readonly leastWindow?: number;
  text(flows: FlowTable, row: number, zone: Zone): string;
  /** What is said beside the text. */
  title?(flows: FlowTable, row: number): string;
  color?(flows: FlowTable, row: number): string | null;
}

/** Whether all flows are of one day. */
export function ofOneDay({span, zone}: Pick<Notebook, "span" | "zone">): boolean {
  const day = (us: number) => formatTime(us, zone).slice(0, 10);
  return span === null || day(span.from) === day(span.to - 1);
}

/** The day of all times, in µs since 1970, such as `2026-11-21`; null where they are of several, or there are none. */
export function onlyDay(times: ArrayLike<number>, zone: Zone): string | null {
  const days = new Set(Array.from(times, (us) => formatTime(us, zone).slice(0, 10)));
  return days.size === 1 ? [...days][0] : null;
}

type NumberName = keyof FlowTable["numbers"];
type TextName = keyof FlowTable["texts"];

/** The columns in their order. */
export const flowColumns: readonly FlowColumn[] = [
  {
    ...numbers("ts_start", "Start", 102, (value, zone) => formatTime(value, zone, 3), {number: false}),
    widthWithDay: 186
  },
  numbers("duration_us", "Duration", 86, formatDuration),
  texts("src_ip", "Originator", 126, visibleText),
  port("src_port", 74),
  texts("dst_ip", "Responder", 126, visibleText),
  port("dst_port", 74),
  numbers("proto", "Protocol", 72, protocolName, {number: false}),
  {
    ...texts("service", "Service", 130, serviceName),
    text: (flows, row) => (hasService(flows, row) ? serviceName(serviceOf(flows, row)) : "–"),
    color: (flows, row) => (hasService(flows, row) ? groupColor("service", serviceOf(flows, row)) : null)
  },
  sum("bytes", "Bytes", 80, "src_wire_bytes", "dst_wire_bytes", formatBytes),
  sum("packets", "Packets", 78, "src_pkts", "dst_pkts", formatCount),
  {
    id: "verdict",
    name: "Verdict",
    width: 104,
    text: ({texts: {state}}, row) => verdictName(state.values[state.codes[row]]).toLowerCase(),
    color: ({texts: {state}}, row) => groupColor("verdict", state.values[state.codes[row]])
  },
  {
    ...texts("label", "Class", 120, (label) => visibleText(className(label))),
    leastWindow: 1720,
    text: ({texts: {label}, numbers}, row) =>
      label.codes[row] < 0
        ? "–"
        : `${visibleText(className(label.values[label.codes[row]]))}${numbers.is_unknown[row] === 1 ? " ?" : ""}`,
    title: ({numbers}, row) => (numbers.is_unknown[row] === 1 ? "below the model's threshold: a guess" : "")
  },
  numbers("probability", "Probability", 92, (value) => value.toFixed(3), {hidden: true}),
  numbers("anomaly_score", "Score", 74, (value) => signed(value.toFixed(3)), {hidden: true}),
  {
    ...texts("conn_state", "State", 66, visibleText),
    hidden: true,
    title: ({texts: {conn_state}}, row) => connectionStates[conn_state.values[conn_state.codes[row]]] ?? ""
  },
  {...texts("server_name", "Server name", 150, visibleText), leastWindow: 1560},
  numbers("src_wire_bytes", "Bytes out", 92, formatBytes, {hidden: true}),
  numbers("dst_wire_bytes", "Bytes back", 92, formatBytes, {hidden: true}),
  numbers("src_pkts", "Packets out", 96, formatCount, {hidden: true}),
  numbers("dst_pkts", "Packets back", 100, formatCount, {hidden: true}),
  numbers("rtt_us", "Handshake", 92, formatDuration, {hidden: true}),
  sum("retransmits", "Retransmits", 96, "src_retransmits", "dst_retransmits", formatCount, true),
  {...texts("capture_sha256", "Capture", 110, (hash) => hash.slice(0, 12)), hidden: true}
];

const serviceOf = ({texts: {service}}: FlowTable, row: number) =>
  service.codes[row] < 0 ? null : service.values[service.codes[row]];

/** Protocols without ports carry no services that could be recognised. */
const hasService = (flows: FlowTable, row: number) =>
  serviceOf(flows, row) !== null || [6, 17, 132].includes(flows.numbers.proto[row]);

function numbers(
  id: NumberName & FlowOrderName,
  name: string,
  width: number,
  format: (value: number, zone: Zone) => string,
  more: Partial<FlowColumn> = {}
): FlowColumn {
  return {
    id,
    name,
    width,
    number: true,
    text: ({numbers}, row, zone) => (Number.isNaN(numbers[id][row]) ? "–" : format(numbers[id][row], zone)),
    ...more
  };
}

function port(id: "src_port" | "dst_port", width: number): FlowColumn {
  const side = id === "src_port" ? "originator" : "responder";
  return {
    ...numbers(id, "Port", width, String),
    text: ({numbers}, row) => portText(numbers.proto[row], numbers[id][row], side)
  };
}

function sum(
  id: FlowOrderName,
  name: string,
  width: number,
  a: NumberName,
  b: NumberName,
  format: (value: number) => string,
  hidden = false
): FlowColumn {
  return {
    id,
    name,
    width,
    number: true,
    hidden,
    text: ({numbers}, row) => format(numbers[a][row] + numbers[b][row])
  };
}

function texts(
  id: TextName & FlowOrderName,
  name: string,
  width: number,
  format: (text: string) => string
): FlowColumn {
  const text = ({texts}: FlowTable, row: number) =>
    texts[id].codes[row] < 0 ? "–" : format(texts[id].values[texts[id].codes[row]]);
  return {
    id,
    name,
    width,
    text,
    // A column may be too narrow for an IPv6 address or a long name.
    title: (flows, row) => (text(flows, row).length > 15 ? text(flows, row) : "")
  };
}
