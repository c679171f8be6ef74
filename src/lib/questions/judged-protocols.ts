import type {Question} from "../question.js";

/** Flows that the model judges and that it does not, by protocol. */
export const judgedProtocols = {
  name: "judged-protocols",
  title: "Judged and not judged flows by protocol",
  by: ["proto"],
  measures: ["flows", "judged", "not_judged"],
  order: "flows"
} as const satisfies Question;
