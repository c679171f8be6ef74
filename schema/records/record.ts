import type {Column} from "../column.ts";

/** The first columns of every table of application records. */
export const record = [
  {name: "flow_id", type: "BIGINT", doc: "The flow that the record belongs to."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the first packet of the record (the request)."}
] as const satisfies readonly Column[];
