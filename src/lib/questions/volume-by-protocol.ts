import type {Question} from "../question.js";

/** Volume over time by protocol. */
export const volumeByProtocol = {
  name: "volume-by-protocol",
  title: "Volume over time by protocol",
  by: ["proto"],
  measures: ["bytes", "packets"],
  time: "spread"
} as const satisfies Question;
