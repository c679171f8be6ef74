import type {Question} from "../question.js";

/** Responders by flows. */
export const topDestinations = {
  name: "top-destinations",
  title: "Responders by flows",
  by: ["dst_ip"],
  measures: ["flows", "bytes", "suspicious"],
  order: "flows",
  limit: 12
} as const satisfies Question;
