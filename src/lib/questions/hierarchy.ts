import type {Question} from "../question.js";

/** Protocol, service and port. */
export const hierarchy = {
  name: "hierarchy",
  title: "Protocol, service and port",
  by: ["proto", "service", "dst_port"],
  measures: ["bytes", "packets", "flows"],
  order: "bytes"
} as const satisfies Question;
