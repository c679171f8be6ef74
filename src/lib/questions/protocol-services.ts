import type {Question} from "../question.js";

/** Services by the protocol that carries them: what all ports of {@link hierarchy} add up to. */
export const protocolServices = {
  name: "protocol-services",
  title: "Protocol and service",
  by: ["proto", "service"],
  measures: ["bytes", "packets", "flows"],
  order: "bytes"
} as const satisfies Question;
