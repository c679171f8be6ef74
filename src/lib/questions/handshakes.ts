import type {Question} from "../question.js";

/** TCP handshake round trip over time. */
export const handshakes = {
  name: "handshakes",
  title: "TCP handshake round trip over time",
  by: [],
  measures: ["flows", "rtt_sum_us"],
  time: "start",
  only: "handshake-timed"
} as const satisfies Question;
