import type {FlowTable, NumberColumn} from "./flow-table.js";

/** What is summed over the flows of a group. */
export interface Measure {
  /** Heading in tables. */
  readonly label: string;
  readonly unit: "count" | "bytes" | "µs";
  /** Summed expression over the columns of the chosen flows. */
  readonly sql: string;
  /** True for what a flow spreads over its duration: in a window only the share inside counts. */
  readonly divisible: boolean;
  /** The same as {@link sql}, for a row. `end` is 0 for the originator, 1 for the responder. */
  of(flows: FlowTable): (row: number, end: 0 | 1) => number;
}

/** The measures by name; each is a sum, 0 where there is nothing to sum. */
export const measures = {
  flows: {label: "Flows", unit: "count", sql: "1", divisible: false, of: () => () => 1},
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
    of:
      ({numbers: {src_wire_bytes, dst_wire_bytes}}) =>
      (row, end) =>
        (end === 0 ? src_wire_bytes : dst_wire_bytes)[row]
  },
  received_bytes: {
    label: "Bytes received",
    unit: "bytes",
    sql: "received_bytes",
    divisible: true,
    of:
      ({numbers: {src_wire_bytes, dst_wire_bytes}}) =>
      (row, end) =>
        (end === 0 ? dst_wire_bytes : src_wire_bytes)[row]
  },
  retransmits: {
    label: "Retransmitted segments",
    unit: "count",
    sql: "src_retransmits + dst_retransmits",
    divisible: false,
    of:
      ({numbers: {src_retransmits, dst_retransmits}}) =>
      (row) =>
        src_retransmits[row] + dst_retransmits[row]
  },
  /** Sum of the handshake round trips; the mean is this by the flows of a question `only` handshake-timed. */
  rtt_sum_us: {
    label: "Sum of handshake round trips",
    unit: "µs",
    sql: "rtt_us",
    divisible: false,
    of:
      ({numbers: {rtt_us}}) =>
      (row) =>
        rtt_us[row] || 0
  },
  scored: flag("Scored flows", "suspicious IS NOT NULL", "suspicious", (value) => !Number.isNaN(value)),
  suspicious: flag("Suspicious flows", "suspicious", "suspicious", (value) => value === 1),
  unknown_class: flag("Flows of unknown class", "is_unknown", "is_unknown", (value) => value === 1),
  anomaly_scored: flag("Flows with an anomaly score", "is_anomaly IS NOT NULL", "is_anomaly", (v) => !Number.isNaN(v)),
  anomalous: flag("Anomalous flows", "is_anomaly", "is_anomaly", (value) => value === 1)
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

function volume(label: string, unit: "count" | "bytes", ...columns: NumberColumn[]): Measure {
  return {
    label,
    unit,
    sql: columns.join(" + "),
    divisible: true,
    of({numbers}) {
      const [a, b] = columns.map((column) => numbers[column]);
      return b ? (row) => a[row] + b[row] : (row) => a[row];
    }
  };
}

function flag(label: string, condition: string, column: NumberColumn, holds: (value: number) => boolean): Measure {
  return {
    label,
    unit: "count",
    sql: `CASE WHEN ${condition} THEN 1 ELSE 0 END`,
    divisible: false,
    of: ({numbers}) => {
      const values = numbers[column];
      return (row) => (holds(values[row]) ? 1 : 0);
    }
  };
}
