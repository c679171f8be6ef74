import type {FlowTable, NumberColumn, TextColumnName} from "./flow-table.js";
import type {Cell} from "./question.js";

/** What flows can be grouped by, besides time. */
export interface Dimension {
  /** Heading in tables. */
  readonly label: string;
  /** Expression over the columns of the chosen flows. */
  readonly sql: string;
  /** The group of a row, 0 ≤ group < size, and the value of a group. `end` is 0 for the originator, 1 for the responder. */
  groups(flows: FlowTable): {size: number; of(row: number, end: 0 | 1): number; value(group: number): Cell};
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
  capture: {...text("Capture", "capture_sha256"), sql: "capture_sha256"},
  src_ip: text("Originator", "src_ip"),
  dst_ip: text("Responder", "dst_ip"),
  server_name: text("Server name", "server_name"),
  proto: number("Protocol", "proto", 256),
  dst_port: number("Port", "dst_port", 65_536),
  host: {
    label: "Host",
    sql: "host",
    groups({texts: {src_ip, dst_ip}}) {
      return {
        size: src_ip.values.length,
        of: (row, end) => (end === 0 ? src_ip : dst_ip).codes[row],
        value: (group) => src_ip.values[group]
      };
    }
  },
  verdict: {
    label: "Verdict",
    sql: "CASE WHEN suspicious IS NULL THEN 'unscored' WHEN suspicious THEN 'suspicious' ELSE 'normal' END",
    groups({numbers: {suspicious}}) {
      const names = ["normal", "suspicious", "unscored"];
      return {
        size: 3,
        of: (row) => (Number.isNaN(suspicious[row]) ? 2 : suspicious[row]),
        value: (group) => names[group]
      };
    }
  },
  /** Lower edge of the bar, in steps of {@link scoreBinWidth}. */
  score_bin: {
    label: "Anomaly score from",
    sql: `CAST(FLOOR(CAST(anomaly_score AS DOUBLE) / ${scoreBinWidth}) AS INTEGER)`,
    groups({numbers: {anomaly_score}}) {
      const half = scoreBins / 2;
      return {
        size: scoreBins + 1,
        of: (row) => {
          const bin = Math.floor(anomaly_score[row] / scoreBinWidth);
          return Number.isNaN(bin) ? scoreBins : Math.max(0, Math.min(scoreBins - 1, bin + half));
        },
        value: (group) => (group === scoreBins ? null : group - half)
      };
    }
  }
} as const satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof dimensions;

function text(label: string, column: TextColumnName): Dimension {
  return {
    label,
    sql: column,
    groups({texts}) {
      const {codes, values} = texts[column];
      return {
        size: values.length + 1,
        of: (row) => codes[row] + 1,
        value: (group) => (group === 0 ? null : values[group - 1])
      };
    }
  };
}

function number(label: string, column: NumberColumn, size: number): Dimension {
  return {
    label,
    sql: column,
    groups({numbers}) {
      const values = numbers[column];
      return {size, of: (row) => values[row], value: (group) => group};
    }
  };
}
