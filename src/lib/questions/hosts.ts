import type {Question} from "../question.js";

/** Hosts by flows: what the field of the filter offers. */
export const hosts = {
  name: "hosts",
  title: "Hosts by flows",
  by: ["host"],
  measures: ["flows"],
  order: "flows",
  limit: 200
} as const satisfies Question;
