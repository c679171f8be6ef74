import type {DividedColumn} from "./activity.js";
import type {FlowTable, NumberColumn, Numbers} from "./flow-table.js";

/** What is summed over the flows of a group. */
export interface Measure {
  /** Heading in tables. */
  readonly label: string;
  readonly unit: "count" | "bytes" | "µs";
  /** Summed expression over the columns of the chosen flows. */
  readonly sql: string;
  /** True for what a flow spreads over its duration: in a window only the share inside counts. */
  readonly divisible: boolean;
  /** The columns whose sum a divisible one is: each has its own share of a flow. */
  readonly columns?: readonly DividedColumn[];
  /** The same of each row's responder, where it counts apart. */
  readonly columnsOfResponder?: readonly DividedColumn[];
  /** The same as {@link sql} for each row; null for 1. */
  values(flows: FlowTable): Numbers | null;
  /** The same for each row's responder, where it counts apart. */
  valuesOfResponder?(flows: FlowTable): Numbers;
}

/** The measures by name; each is a sum, 0 where there is nothing to sum. */
export const measures = {
  flows: {label: "Flows", unit: "count", sql: "1", divisible: false, values: () => null},
  packets: volume("Packets", "count", "src_pkts", "dst_pkts"),
  bytes: volume("Bytes", "bytes", "src_wire_bytes", "dst_wire_bytes"),
  src_packets: volume("Packets from originators", "count", "src_pkts"),
  dst_packets: volume("Packets from responders", "count", "dst_pkts"),
  src_bytes: volume("Bytes from originators", "bytes", "src_wire_bytes"),
  dst_bytes: volume("Bytes from responders", "bytes", "dst_wire_bytes"),
  /** Of a question by host: what that host sent. */
  sent_bytes: {
    label: "Bytes sent",
    unit: "bytes",
    sql: "sent_bytes",
    divisible: true,
    columns: ["src_wire_bytes"],
    columnsOfResponder: ["dst_wire_bytes"],
    values: ({numbers}) => numbers.src_wire_bytes,
    valuesOfResponder: ({numbers}) => numbers.dst_wire_bytes
  },
  received_bytes: {
    label: "Bytes received",
    unit: "bytes",
    sql: "received_bytes",
    divisible: true,
    columns: ["dst_wire_bytes"],
    columnsOfResponder: ["src_wire_bytes"],
    values: ({numbers}) => numbers.dst_wire_bytes,
    valuesOfResponder: ({numbers}) => numbers.src_wire_bytes
  },
  retransmits: sum("Retransmitted segments", "count", "src_retransmits", "dst_retransmits"),
  /** Sum of the handshake round trips; the mean is this by the flows of a question `only` handshake-timed. */
  rtt_sum_us: {
    label: "Sum of handshake round trips",
    unit: "µs",
    sql: "rtt_us",
    divisible: false,
    values: ({numbers}) => numbers.rtt_us.map((value) => value || 0)
  },
  without_payload: flag(
    "Flows without payload",
    "src_payload_bytes + dst_payload_bytes = 0",
    "payload_bytes",
    (value) => value === 0
  ),
  judged: stateFlag("Judged flows", "state <> 'not_judged'", (state) => state !== "not_judged"),
  not_judged: stateFlag("Flows not judged", "state = 'not_judged'", (state) => state === "not_judged"),
  /** Of the incident alone: a join of verdicts costs more than all the rest of a question. */
  suspicious: stateFlag("Suspicious flows", "severity IN ('medium', 'high')", (state) => state === "suspicious"),
  unknown_class: flag("Flows of unknown class", "is_unknown", "is_unknown", (value) => value === 1),
  anomaly_scored: flag("Flows with an anomaly score", "is_anomaly IS NOT NULL", "is_anomaly", (v) => !Number.isNaN(v)),
  anomalous: flag("Anomalous flows", "is_anomaly", "is_anomaly", (value) => value === 1)
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

const kept = new WeakMap<FlowTable, Map<MeasureName, Numbers | null>>();

/** The values of a measure, made once for a table; null for 1 each. */
export function valuesOf(flows: FlowTable, name: MeasureName): Numbers | null {
  let values = kept.get(flows);
  if (!values) kept.set(flows, (values = new Map()));
  let found = values.get(name);
  if (found === undefined) values.set(name, (found = measures[name].values(flows)));
  return found;
}

function volume(label: string, unit: "count" | "bytes", ...columns: DividedColumn[]): Measure {
  return {...sum(label, unit, ...columns), divisible: true, columns};
}

function sum(label: string, unit: "count" | "bytes", ...columns: NumberColumn[]): Measure {
  return {
    label,
    unit,
    sql: columns.join(" + "),
    divisible: false,
    values({numbers}) {
      const [a, b] = columns.map((column) => numbers[column]);
      if (!b) return a;
      const sums = new Float64Array(a.length);
      for (let row = 0; row < sums.length; row++) sums[row] = a[row] + b[row];
      return sums;
    }
  };
}

function flag(label: string, condition: string, column: NumberColumn, holds: (value: number) => boolean): Measure {
  return {
    label,
    unit: "count",
    sql: `CASE WHEN ${condition} THEN 1 ELSE 0 END`,
    divisible: false,
    values({numbers}) {
      const values = numbers[column];
      const flags = new Uint8Array(values.length);
      // A loop: Uint8Array.from with a function takes ten times as long.
      for (let row = 0; row < values.length; row++) flags[row] = holds(values[row]) ? 1 : 0;
      return flags;
    }
  };
}

function stateFlag(label: string, condition: string, holds: (state: string) => boolean): Measure {
  return {
    label,
    unit: "count",
    sql: `CASE WHEN ${condition} THEN 1 ELSE 0 END`,
    divisible: false,
    values({texts: {state}}) {
      const held = state.values.map((value) => (holds(value) ? 1 : 0));
      const flags = new Uint8Array(state.codes.length);
      for (let row = 0; row < flags.length; row++) flags[row] = held[state.codes[row]];
      return flags;
    }
  };
}
