import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per LDAP request with its result; the entries of a search are counted, their content is not stored. */
export const ldap = {
  name: "ldap",
  doc: "LDAP and CLDAP requests and their results; without passwords and without the entries found.",
  columns: [
    ...record,
    {name: "message_id", type: "BIGINT", doc: "Message id of the request within the connection.", source: "RFC 4511 §4.1.1"},
    {name: "operation", type: "VARCHAR", doc: "bind, unbind, search, modify, add, delete, rename, compare, abandon or extended."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "For a bind: the name (a DN or user@domain), empty for an anonymous bind; NULL for other operations."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "For a bind: simple (the password is sent in cleartext), anonymous, or the SASL mechanism (GSS-SPNEGO, GSSAPI …); NULL for other operations."},
    {name: "base", type: "VARCHAR", nullable: true, doc: "Base DN of a search, or the DN that is modified, added, deleted, renamed or compared; for an extended request its OID; NULL for other operations."},
    {name: "scope", type: "VARCHAR", nullable: true, doc: "For a search: base, one or subtree; NULL for other operations."},
    {name: "filter", type: "VARCHAR", nullable: true, doc: "For a search: its filter as text, cut at 1,024 bytes; NULL for other operations.", source: "RFC 4515"},
    {name: "attributes", type: "VARCHAR", nullable: true, doc: "For a search: the attributes requested, for a modify those that it changes, comma-separated, cut at 1,024 bytes; NULL where all are requested, and for other operations."},
    {name: "entries", type: "BIGINT", nullable: true, doc: "For a search: number of entries returned, 0 where only the result was captured; NULL for other operations."},
    {name: "result", type: "INTEGER", nullable: true, doc: "Result code (0 success, 49 wrong name or password); NULL where no result was captured, or the operation has none.", source: "RFC 4511 §4.1.9"},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to its result; NULL where no result was captured."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
