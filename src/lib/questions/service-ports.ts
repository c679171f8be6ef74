import type {Question} from "../question.js";

/** Recognised services and the ports they use. */
export const servicePorts = {
  name: "service-ports",
  title: "Recognised services and the ports they use",
  by: ["service", "proto", "dst_port"],
  measures: ["flows", "bytes"],
  only: "recognised",
  order: "flows"
} as const satisfies Question;
