import type {FlowTable} from "../../lib/flow-table.js";
import {formatBytes, formatCount, formatDuration, formatTime, type Zone} from "../../lib/format.js";
import {connectionStates, protocolName, serviceName, verdictName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import {compareCells} from "../../lib/question-order.js";
import {visibleText} from "../../lib/visible-text.js";

/** A column of the list of flows. */
export interface FlowColumn {
  readonly id: string;
  readonly name: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels where the flows are of several days. */
  readonly widthWithDay?: number;
  readonly number?: boolean;
  /** Not shown until chosen. */
  readonly hidden?: boolean;
  text(flows: FlowTable, row: number, zone: Zone): string;
  /** What is said beside the text. */
  title?(flows: FlowTable, row: number): string;
  color?(flows: FlowTable, row: number): string | null;
  /** Compares two rows, ascending; what is unknown comes last. */
  compare(flows: FlowTable): (a: number, b: number) => number;
}

/** Whether all flows start on one day. */
export function ofOneDay({rows, numbers: {ts_start}}: FlowTable, zone: Zone): boolean {
  const day = (us: number) => formatTime(us, zone).slice(0, 10);
  return rows === 0 || day(ts_start[0]) === day(ts_start[rows - 1]);
}

type NumberName = keyof FlowTable["numbers"];
type TextName = keyof FlowTable["texts"];

const gravity = ["normal", "not_judged", "unusual", "suspicious"];

/** The columns in their order. */
export const flowColumns: readonly FlowColumn[] = [
  {
    ...numbers("ts_start", "Start", 118, (value, zone) => formatTime(value, zone, 3), {number: false}),
    widthWithDay: 188,
    // The day stands above the list where all flows are of one.
    text: (flows, row, zone) => formatTime(flows.numbers.ts_start[row], zone, 3).slice(ofOneDay(flows, zone) ? 11 : 0)
  },
  numbers("duration_us", "Duration", 92, formatDuration),
  texts("src_ip", "Originator", 138, visibleText),
  numbers("src_port", "Port", 62, String),
  texts("dst_ip", "Responder", 138, visibleText),
  numbers("dst_port", "Port", 62, String),
  numbers("proto", "Protocol", 76, protocolName, {number: false}),
  {
    ...texts("service", "Service", 134, serviceName),
    text: ({texts: {service}}, row) => serviceName(service.codes[row] < 0 ? null : service.values[service.codes[row]]),
    color: ({texts: {service}}, row) =>
      groupColor("service", service.codes[row] < 0 ? null : service.values[service.codes[row]])
  },
  sum("bytes", "Bytes", 92, "src_wire_bytes", "dst_wire_bytes", formatBytes),
  sum("packets", "Packets", 80, "src_pkts", "dst_pkts", formatCount),
  {
    id: "verdict",
    name: "Verdict",
    width: 112,
    text: ({texts: {state}}, row) => verdictName(state.values[state.codes[row]]).toLowerCase(),
    color: ({texts: {state}}, row) => groupColor("verdict", state.values[state.codes[row]]),
    compare({texts: {state}}) {
      const ranks = state.values.map((value) => gravity.indexOf(value));
      return (a, b) => ranks[state.codes[a]] - ranks[state.codes[b]];
    }
  },
  {
    ...texts("label", "Class", 120, visibleText),
    text: ({texts: {label}, numbers}, row) =>
      label.codes[row] < 0
        ? "–"
        : `${visibleText(label.values[label.codes[row]])}${numbers.is_unknown[row] === 1 ? " ?" : ""}`,
    title: ({numbers}, row) => (numbers.is_unknown[row] === 1 ? "below the model's threshold: a guess" : "")
  },
  numbers("probability", "Probability", 92, (value) => value.toFixed(3)),
  numbers("anomaly_score", "Score", 74, (value) => value.toFixed(3)),
  {
    ...texts("conn_state", "State", 66, visibleText),
    title: ({texts: {conn_state}}, row) => connectionStates[conn_state.values[conn_state.codes[row]]] ?? ""
  },
  texts("server_name", "Server name", 200, visibleText),
  numbers("src_wire_bytes", "Bytes out", 92, formatBytes, {hidden: true}),
  numbers("dst_wire_bytes", "Bytes back", 92, formatBytes, {hidden: true}),
  numbers("src_pkts", "Packets out", 96, formatCount, {hidden: true}),
  numbers("dst_pkts", "Packets back", 100, formatCount, {hidden: true}),
  numbers("rtt_us", "Handshake", 92, formatDuration, {hidden: true}),
  sum("retransmits", "Retransmits", 96, "src_retransmits", "dst_retransmits", formatCount, true),
  {...texts("capture_sha256", "Capture", 110, (hash) => hash.slice(0, 12)), hidden: true}
];

function numbers(
  id: NumberName,
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
    compare: ({numbers}) => byNumber(numbers[id]),
    ...more
  };
}

function sum(
  id: string,
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
    text: ({numbers}, row) => format(numbers[a][row] + numbers[b][row]),
    compare:
      ({numbers}) =>
      (i, j) =>
        numbers[a][i] + numbers[b][i] - numbers[a][j] - numbers[b][j]
  };
}

function texts(id: TextName, name: string, width: number, format: (text: string) => string): FlowColumn {
  return {
    id,
    name,
    width,
    text: ({texts}, row) => (texts[id].codes[row] < 0 ? "–" : format(texts[id].values[texts[id].codes[row]])),
    compare({texts}) {
      const {codes, values} = texts[id];
      // Ranks are compared instead of texts: a list has far fewer values than rows.
      const ranks = new Int32Array(values.length + 1);
      [...values.keys()]
        .sort((a, b) => compareCells(values[a], values[b]))
        .forEach((code, rank) => {
          ranks[code] = rank;
        });
      ranks[values.length] = values.length;
      return (a, b) => ranks[codes[a] < 0 ? values.length : codes[a]] - ranks[codes[b] < 0 ? values.length : codes[b]];
    }
  };
}

function byNumber(values: Float64Array): (a: number, b: number) => number {
  return (a, b) => {
    const [x, y] = [values[a], values[b]];
    return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : Number.isNaN(y) ? -1 : x - y;
  };
}
