import type {Question} from "../question.js";

/** New flows over time by verdict. */
export const flowsByVerdict = {
  name: "flows-by-verdict",
  title: "New flows over time by verdict",
  by: ["verdict"],
  measures: ["flows"],
  time: "start"
} as const satisfies Question;
