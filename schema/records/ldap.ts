import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per LDAP request with its result; entries of a search are counted, their content is not kept. */
export const ldap = {
  name: "ldap",
  doc: "LDAP and CLDAP requests and their results; never passwords, and no entries.",
  columns: [
    ...record,
    {name: "message_id", type: "BIGINT", doc: "Number of the request within the connection.", source: "RFC 4511 §4.1.1"},
    {name: "operation", type: "VARCHAR", doc: "bind, unbind, search, modify, add, delete, rename, compare, abandon or extended."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "Of a bind: the name given (a DN or user@domain), empty of an anonymous one; NULL of other operations."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "Of a bind: simple (the password crosses in clear), anonymous, or the SASL mechanism (GSS-SPNEGO, GSSAPI …); NULL of others."},
    {name: "base", type: "VARCHAR", nullable: true, doc: "DN where a search begins, or that is changed, added, deleted, renamed or compared; of extended requests their OID."},
    {name: "scope", type: "VARCHAR", nullable: true, doc: "Of a search: base, one or subtree; NULL of others."},
    {name: "filter", type: "VARCHAR", nullable: true, doc: "Of a search: its filter as text, cut at 1,024 bytes; NULL of others.", source: "RFC 4515"},
    {name: "attributes", type: "VARCHAR", nullable: true, doc: "Of a search: attributes asked for, separated by commas, cut at 1,024 bytes; NULL where all are."},
    {name: "entries", type: "BIGINT", nullable: true, doc: "Of a search: entries that came, 0 where only its result was seen; NULL of others."},
    {name: "result", type: "INTEGER", nullable: true, doc: "Result code (0 success, 49 wrong name or password); NULL where no result was seen or none is due.", source: "RFC 4511 §4.1.9"},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to its result; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
