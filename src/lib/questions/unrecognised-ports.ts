import type {Question} from "../question.js";

/** Ports of flows whose service was not recognised. */
export const unrecognisedPorts = {
  name: "unrecognised-ports",
  title: "Ports of flows whose service was not recognised",
  by: ["proto", "dst_port"],
  measures: ["flows", "packets", "bytes", "without_payload"],
  only: "unrecognised",
  order: "flows",
  limit: 12
} as const satisfies Question;
