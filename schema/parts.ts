import type {Column} from "./column.ts";

/**
 * One row per part when it was sealed: packets received and lost in a few seconds of a live capture, or in a whole file.
 * Parts that were merged keep their rows. The view `loss` computes from them when packets were lost.
 */
export const partColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Earliest packet time of the part; for a part without packets the time it was sealed (wall clock)."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "Latest packet time of the part; for a part without packets the time it was sealed."},
  {name: "packets", type: "BIGINT", unit: "packets", doc: "Packets received."},
  {name: "kernel_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the kernel dropped since its last report; NULL where it made no report during this part."},
  {name: "interface_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the interface dropped since its last report; NULL where it made no report during this part."},
  {name: "pipe_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets lost between the capture program and the meter since the last report; NULL without a report during this part."},
  {name: "evicted_flows", type: "BIGINT", unit: "flows", doc: "Flows ended early because the flow table was full."},
  {name: "sealed_at", type: "TIMESTAMP", unit: "µs UTC", doc: "Time when the part was sealed (wall clock)."}
] as const satisfies readonly Column[];
