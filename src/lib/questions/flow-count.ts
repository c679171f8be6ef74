import type {Question} from "../question.js";

/** How many flows there are. */
export const flowCount = {
  name: "flow-count",
  title: "How many flows there are",
  by: [],
  measures: ["flows"]
} as const satisfies Question;
