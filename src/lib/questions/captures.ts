import type {Question} from "../question.js";

/** Flows, packets and bytes by capture. */
export const captures = {
  name: "captures",
  title: "Flows, packets and bytes by capture",
  by: ["capture"],
  measures: ["flows", "packets", "bytes", "judged", "suspicious"],
  order: "flows"
} as const satisfies Question;
