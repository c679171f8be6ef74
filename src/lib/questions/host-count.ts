import type {Question} from "../question.js";

/** How many hosts took part. */
export const hostCount = {
  name: "host-count",
  title: "How many hosts took part",
  by: ["host"],
  measures: [],
  count: true
} as const satisfies Question;
