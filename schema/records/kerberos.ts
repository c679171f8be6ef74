import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per request for a ticket with its answer, matched in order within a flow. */
export const kerberos = {
  name: "kerberos",
  doc: "Requests for Kerberos tickets and their answers.",
  columns: [
    ...record,
    {name: "request_type", type: "VARCHAR", nullable: true, doc: "AS (a logon: the first ticket) or TGS (a ticket for a service); NULL where only an error was seen.", source: "RFC 4120 §5.4"},
    {name: "client", type: "VARCHAR", nullable: true, doc: "Name of the client, parts joined by /; NULL where neither request nor answer has it (errors of TGS)."},
    {name: "realm", type: "VARCHAR", nullable: true, doc: "Realm of the request; NULL where only an answer without one was seen."},
    {name: "service", type: "VARCHAR", nullable: true, doc: "Name of the service, parts joined by / (krbtgt/EXAMPLE.ORG, cifs/fs.example.org)."},
    {name: "error", type: "INTEGER", nullable: true, doc: "Error code of the answer (6 unknown client, 18 revoked, 24 wrong password, 25 more is needed); 0 where a ticket came, NULL where no answer was seen.", source: "RFC 4120 §7.5.9"},
    {name: "error_name", type: "VARCHAR", nullable: true, doc: "Its name (KDC_ERR_PREAUTH_FAILED …), the number of unknown ones; NULL without an error."},
    {name: "cipher", type: "VARCHAR", nullable: true, doc: "Encryption type of the ticket that came (aes256-cts-hmac-sha1-96, rc4-hmac …), by which the service's key is attacked; NULL without a ticket.", source: "RFC 3961"},
    {name: "reply_cipher", type: "VARCHAR", nullable: true, doc: "Encryption type of the rest of the answer, by which the client's key is attacked; NULL without a ticket."},
    {name: "request_ciphers", type: "VARCHAR", nullable: true, doc: "Encryption types asked for, in order, separated by commas; NULL where no request was seen."},
    {name: "has_preauth", type: "BOOLEAN", nullable: true, doc: "Whether the request proves knowledge of the client's key (encrypted time, FAST, certificate); NULL of TGS and where no request was seen."},
    {name: "is_forwardable", type: "BOOLEAN", nullable: true, doc: "Whether a forwardable ticket was asked for; NULL where no request was seen."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to the answer; NULL without both."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
