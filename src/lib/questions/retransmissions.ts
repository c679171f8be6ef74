import type {Question} from "../question.js";

/** Retransmitted segments over time. */
export const retransmissions = {
  name: "retransmissions",
  title: "Retransmitted segments over time",
  by: [],
  measures: ["retransmits"],
  time: "start"
} as const satisfies Question;
