import type {FlowTable, NumberColumn, Numbers, TextColumnName, Texts} from "./flow-table.js";
import type {Cell} from "./question.js";

/** What flows can be grouped by, besides time. */
export interface Dimension {
  /** Heading in tables. */
  readonly label: string;
  /** Expression over the columns of the chosen flows. */
  readonly sql: string;
  groups(flows: FlowTable): Groups;
}

/** Which group each flow belongs to. */
export interface Groups {
  /** Groups are 0 ≤ group < size. */
  readonly size: number;
  /** The group of each row. */
  readonly of: Texts["codes"];
  /** The group of each row's responder, where originator and responder count apart. */
  readonly ofResponder?: Texts["codes"];
  value(group: number): Cell;
}

/** Width of a bar of the anomaly score's histogram. */
export const scoreBinWidth = 0.02;
/** Scores beyond ±2 do not occur: an Isolation Forest's lie within ±0.5. */
const scoreBins = 200;

/**
 * The dimensions by name. `host` stands for both ends: a flow counts once for each of its two hosts. A null group is
 * *not recognised* for a service and *not scored* for a class.
 */
export const dimensions = {
  service: text("Service", "service"),
  conn_state: text("Connection state", "conn_state"),
  label: text("Class", "label"),
  capture: text("Capture", "capture_sha256"),
  src_ip: text("Originator", "src_ip"),
  dst_ip: text("Responder", "dst_ip"),
  server_name: text("Server name", "server_name"),
  proto: number("Protocol", "proto", 256),
  dst_port: number("Port", "dst_port", 65_536),
  host: {
    label: "Host",
    sql: "host",
    groups({texts: {src_ip, dst_ip}}) {
      const {values} = src_ip;
      return {size: values.length, of: src_ip.codes, ofResponder: dst_ip.codes, value: (group) => values[group]};
    }
  },
  verdict: text("Verdict", "state"),
  /** Lower edge of the bar, in steps of {@link scoreBinWidth}. */
  score_bin: {
    label: "Anomaly score from",
    sql: `CAST(FLOOR(CAST(anomaly_score AS DOUBLE) / ${scoreBinWidth}) AS INTEGER)`,
    groups({numbers: {anomaly_score}}) {
      const half = scoreBins / 2;
      const of = eachOf(anomaly_score, scoreBins + 1, (score) => {
        const bin = Math.floor(score / scoreBinWidth);
        return Number.isNaN(bin) ? scoreBins : Math.max(0, Math.min(scoreBins - 1, bin + half));
      });
      return {size: scoreBins + 1, of, value: (group) => (group === scoreBins ? null : group - half)};
    }
  }
} as const satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof dimensions;

const kept = new WeakMap<FlowTable, Map<DimensionName, Groups>>();

/** The groups of a dimension, made once for a table. */
export function groupsOf(flows: FlowTable, name: DimensionName): Groups {
  let groups = kept.get(flows);
  if (!groups) kept.set(flows, (groups = new Map()));
  let found = groups.get(name);
  if (!found) groups.set(name, (found = dimensions[name].groups(flows)));
  return found;
}

/** A loop: Int32Array.from with a function takes ten times as long. */
function eachOf(values: Numbers | Texts["codes"], size: number, group: (value: number) => number): Texts["codes"] {
  const groups = size <= 32_768 ? new Int16Array(values.length) : new Int32Array(values.length);
  for (let row = 0; row < groups.length; row++) groups[row] = group(values[row]);
  return groups;
}

function text(label: string, column: TextColumnName): Dimension {
  return {
    label,
    sql: column,
    groups({texts}) {
      const {codes, values} = texts[column];
      const size = values.length + 1;
      const of = eachOf(codes, size, (code) => code + 1);
      return {size, of, value: (group) => (group === 0 ? null : values[group - 1])};
    }
  };
}

function number(label: string, column: NumberColumn, size: number): Dimension {
  return {
    label,
    sql: column,
    groups: ({numbers}) => ({size, of: eachOf(numbers[column], size, (value) => value), value: (group) => group})
  };
}
