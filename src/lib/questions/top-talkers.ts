import type {Question} from "../question.js";

/** Hosts by bytes sent and received. */
export const topTalkers = {
  name: "top-talkers",
  title: "Hosts by bytes sent and received",
  by: ["host"],
  measures: ["bytes", "sent_bytes", "received_bytes", "flows", "suspicious"],
  order: "bytes",
  limit: 12
} as const satisfies Question;
