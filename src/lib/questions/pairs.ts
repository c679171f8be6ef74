import type {Question} from "../question.js";

/** Who spoke to whom, by bytes. */
export const pairs = {
  name: "pairs",
  title: "Who spoke to whom, by bytes",
  by: ["src_ip", "dst_ip"],
  measures: ["bytes", "flows", "suspicious"],
  order: "bytes",
  limit: 10_000
} as const satisfies Question;
