import type {Question} from "../question.js";

/** Flows, packets and bytes by service. */
export const services = {
  name: "services",
  title: "Flows, packets and bytes by service",
  by: ["service"],
  measures: ["flows", "packets", "bytes"],
  order: "bytes"
} as const satisfies Question;
