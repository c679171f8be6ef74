import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per flow of SNMP. The community is not stored. */
export const snmp = {
  name: "snmp",
  doc: "SNMP conversations: version, kind of access, and what was asked for how often; communities are not stored.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "1, 2c or 3.", source: "RFC 3416, RFC 3412"},
    {name: "has_community", type: "BOOLEAN", doc: "True if messages contain a community that is not empty, which crosses in cleartext."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "For version 3: user name of the security parameters.", source: "RFC 3414 §2.4"},
    {name: "gets", type: "BIGINT", doc: "Number of Get, GetNext and GetBulk requests."},
    {name: "sets", type: "BIGINT", doc: "Number of Set requests."},
    {name: "responses", type: "BIGINT", doc: "Number of responses."},
    {name: "errors", type: "BIGINT", doc: "Number of responses with an error status."},
    {name: "traps", type: "BIGINT", doc: "Number of traps and informs."},
    {name: "communities", type: "BIGINT", doc: "How often the community of the requests changed, and one for the first: more than a few are guesses; 0 for version 3."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
