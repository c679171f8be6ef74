import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per Kerberos ticket request with its answer. Requests and answers are matched in order within a flow. */
export const kerberos = {
  name: "kerberos",
  doc: "Kerberos ticket requests and their answers.",
  columns: [
    ...record,
    {name: "request_type", type: "VARCHAR", nullable: true, doc: "AS (logon: requests the ticket-granting ticket) or TGS (requests a service ticket); NULL where only an error was captured.", source: "RFC 4120 §5.4"},
    {name: "client", type: "VARCHAR", nullable: true, doc: "Principal name of the client, parts joined by /; NULL where neither request nor answer contains it (TGS errors)."},
    {name: "realm", type: "VARCHAR", nullable: true, doc: "Realm of the request; NULL where only an answer without a realm was captured."},
    {name: "service", type: "VARCHAR", nullable: true, doc: "Principal name of the service, parts joined by / (krbtgt/EXAMPLE.ORG, cifs/fs.example.org)."},
    {name: "error", type: "INTEGER", nullable: true, doc: "Error code of the answer (6 unknown client, 18 revoked, 24 wrong password, 25 pre-authentication required); 0 where a ticket was issued, NULL where no answer was captured.", source: "RFC 4120 §7.5.9"},
    {name: "error_name", type: "VARCHAR", nullable: true, doc: "Name of the error code (KDC_ERR_PREAUTH_FAILED …), or its number if unknown; NULL without an error."},
    {name: "cipher", type: "VARCHAR", nullable: true, doc: "Encryption type of the issued ticket (aes256-cts-hmac-sha1-96, rc4-hmac …); weak types allow Kerberoasting of the service's key; NULL without a ticket.", source: "RFC 3961"},
    {name: "reply_cipher", type: "VARCHAR", nullable: true, doc: "Encryption type of the encrypted part of the answer; weak types allow AS-REP roasting of the client's key; NULL without a ticket."},
    {name: "request_ciphers", type: "VARCHAR", nullable: true, doc: "Encryption types that the request lists, in order, comma-separated; NULL where no request was captured."},
    {name: "has_preauth", type: "BOOLEAN", nullable: true, doc: "True if the request contains pre-authentication data (encrypted timestamp, FAST, certificate); NULL for TGS and where no request was captured."},
    {name: "is_forwardable", type: "BOOLEAN", nullable: true, doc: "True if the request asks for a forwardable ticket; NULL where no request was captured."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to the answer; NULL unless both were captured."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
