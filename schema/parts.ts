import type {Column, Row} from "./column.ts";

/**
 * One row per part as it was sealed: what a live capture received and lost in a few seconds, or a file over its whole
 * length. Parts that were merged keep their rows. The view `loss` says when packets were lost by it.
 */
export const partColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Earliest packet time of the part; without packets when it was sealed (wall clock)."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "Latest packet time of the part; without packets when it was sealed."},
  {name: "packets", type: "BIGINT", unit: "packets", doc: "Packets received."},
  {name: "kernel_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the kernel dropped since it last told; NULL where it did not tell with this part."},
  {name: "interface_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the interface dropped, likewise."},
  {name: "pipe_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets lost between a live capture's program and the meter, likewise."},
  {name: "evicted_flows", type: "BIGINT", unit: "flows", doc: "Flows ended early because the meter's table was full."},
  {name: "sealed_at", type: "TIMESTAMP", unit: "µs UTC", doc: "When the part was sealed (wall clock)."}
] as const satisfies readonly Column[];
