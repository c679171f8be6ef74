import type {Question} from "../question.js";

/** New flows over time by protocol. */
export const flowsByProtocol = {
  name: "flows-by-protocol",
  title: "New flows over time by protocol",
  by: ["proto"],
  measures: ["flows"],
  time: "start"
} as const satisfies Question;
