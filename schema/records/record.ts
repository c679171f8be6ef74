import type {Column} from "../column.ts";

/** What every table of application records begins with. */
export const record = [
  {name: "flow_id", type: "BIGINT", doc: "The flow it was seen in."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the packet that began it (the request)."}
] as const satisfies readonly Column[];
