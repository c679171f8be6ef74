import type {Question} from "../question.js";

/** How much has no recognised service, and how much of that carried nothing to recognise it by. */
export const unrecognised = {
  name: "unrecognised",
  title: "Flows whose service was not recognised",
  by: [],
  measures: ["flows", "bytes", "without_payload"],
  only: "unrecognised"
} as const satisfies Question;
