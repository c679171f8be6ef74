import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per SIP request with its final response; requests sent again are not counted. */
export const sip = {
  name: "sip",
  doc: "SIP requests and their final responses.",
  columns: [
    ...record,
    {name: "method", type: "VARCHAR", nullable: true, doc: "INVITE, REGISTER, BYE and so on; NULL where only the response was captured.", source: "RFC 3261 §7.1"},
    {name: "call_id", type: "VARCHAR", nullable: true, doc: "Call-ID header, equal in all messages of a call.", source: "RFC 3261 §8.1.1.4"},
    {name: "caller", type: "VARCHAR", nullable: true, doc: "URI of the From header."},
    {name: "callee", type: "VARCHAR", nullable: true, doc: "URI of the To header."},
    {name: "user_agent", type: "VARCHAR", nullable: true, doc: "User-Agent header of the request."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Status code of the final response; NULL where none was captured, and for ACK.", source: "RFC 3261 §7.2"},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to its final response; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
