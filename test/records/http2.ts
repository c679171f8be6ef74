import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);

/** Requests of HTTP/2, and those that were sent by HTTP/1.1 with the upgrade, have tshark's values in HTTP/1's fields. */
const requests = (field: string, theirs: string): Comparison => ({
  table: "http",
  field: `${field} of HTTP/2`,
  filter: `${theirs} && !tls && !quic`,
  fields: [theirs],
  theirs: ([values]) => values,
  ours: (row) => (row.version === "2" ? text(row[field]) : [])
});

/** Records of HTTP/2 beside tshark's fields. */
export const http2: readonly Comparison[] = [
  requests("method", "http2.headers.method"),
  requests("uri", "http2.headers.path"),
  requests("host", "http2.headers.authority"),
  requests("user_agent", "http2.headers.user_agent"),
  {
    table: "http",
    field: "status of HTTP/2",
    filter: "http2.headers.status && !tls && !quic",
    fields: ["http2.headers.status"],
    theirs: ([codes]) => codes.filter((code) => Number(code) >= 200),
    ours: (row) => (row.version === "2" ? text(row.status) : [])
  },
  {
    table: "http",
    field: "server of HTTP/2",
    filter: "http2.headers.server && !tls && !quic",
    fields: ["http2.headers.server"],
    theirs: ([values]) => values,
    ours: (row) => (row.version === "2" ? text(row.server) : [])
  },
  {
    table: "http",
    field: "location of HTTP/2",
    filter: "http2.headers.location && !tls && !quic",
    fields: ["http2.headers.location"],
    theirs: ([values]) => values,
    ours: (row) => (row.version === "2" ? text(row.location) : [])
  }
];
