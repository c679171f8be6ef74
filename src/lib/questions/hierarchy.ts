import type {Question} from "../question.js";

/** The ports of protocols and services that have most; ports of scans are tens of thousands. */
export const hierarchy = {
  name: "hierarchy",
  title: "Protocol, service and port",
  by: ["proto", "service", "dst_port"],
  measures: ["bytes", "packets", "flows"],
  order: "bytes",
  limit: 400
} as const satisfies Question;
