import type {Question} from "../question.js";

/** Flows, packets and bytes by protocol. */
export const protocols = {
  name: "protocols",
  title: "Flows, packets and bytes by protocol",
  by: ["proto"],
  measures: ["flows", "packets", "bytes"],
  order: "bytes"
} as const satisfies Question;
