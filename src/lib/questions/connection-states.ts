import type {Question} from "../question.js";

/** How connections went. */
export const connectionStates = {
  name: "connection-states",
  title: "How connections went",
  by: ["conn_state"],
  measures: ["flows", "bytes"],
  order: "flows"
} as const satisfies Question;
