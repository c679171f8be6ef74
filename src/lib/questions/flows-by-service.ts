import type {Question} from "../question.js";

/** New flows over time by service. */
export const flowsByService = {
  name: "flows-by-service",
  title: "New flows over time by service",
  by: ["service"],
  measures: ["flows"],
  time: "start"
} as const satisfies Question;
