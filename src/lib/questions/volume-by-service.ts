import type {Question} from "../question.js";

/** Volume over time by service. */
export const volumeByService = {
  name: "volume-by-service",
  title: "Volume over time by service",
  by: ["service"],
  measures: ["bytes", "packets"],
  time: "spread"
} as const satisfies Question;
