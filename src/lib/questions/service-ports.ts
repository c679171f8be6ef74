import type {Question} from "../question.js";

/** Recognised services on ports that are not usual for them, those with most flows. */
export const servicePorts = {
  name: "service-ports",
  title: "Services on unusual ports",
  by: ["service", "proto", "dst_port"],
  measures: ["flows", "bytes"],
  only: "unusual-port",
  order: "flows",
  limit: 300
} as const satisfies Question;
