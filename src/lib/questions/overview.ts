import type {Question} from "../question.js";

/** Flows over all time: what the strip above a page shows. */
export const overview = {
  name: "overview",
  title: "Flows over all time",
  by: [],
  measures: ["flows"],
  time: "start"
} as const satisfies Question;
