import type {Question} from "../question.js";

/** Normal, unusual, suspicious, not judged. */
export const verdicts = {
  name: "verdicts",
  title: "Normal, unusual, suspicious, not judged",
  by: ["verdict"],
  measures: ["flows", "bytes"]
} as const satisfies Question;
