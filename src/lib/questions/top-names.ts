import type {Question} from "../question.js";

/** Server names by flows. */
export const topNames = {
  name: "top-names",
  title: "Server names by flows",
  by: ["server_name"],
  measures: ["flows", "bytes"],
  order: "flows",
  limit: 13
} as const satisfies Question;
