import type {Question} from "../question.js";

/** Normal, suspicious, not scored. */
export const verdicts = {
  name: "verdicts",
  title: "Normal, suspicious, not scored",
  by: ["verdict"],
  measures: ["flows", "bytes"]
} as const satisfies Question;
