import type {Question} from "../question.js";

/** Volume over time by verdict. */
export const volumeByVerdict = {
  name: "volume-by-verdict",
  title: "Volume over time by verdict",
  by: ["verdict"],
  measures: ["bytes", "packets"],
  time: "spread"
} as const satisfies Question;
