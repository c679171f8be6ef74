import type {Question} from "../question.js";

/** Flows by likeliest class. */
export const classes = {
  name: "classes",
  title: "Flows by likeliest class",
  by: ["label"],
  measures: ["flows", "bytes", "unknown_class", "suspicious"],
  order: "flows"
} as const satisfies Question;
