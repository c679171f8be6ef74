import type {Question} from "../question.js";

/** Volume over time by direction. */
export const directions = {
  name: "directions",
  title: "Volume over time by direction",
  by: [],
  measures: ["src_bytes", "dst_bytes", "src_packets", "dst_packets"],
  time: "spread"
} as const satisfies Question;
