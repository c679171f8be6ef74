import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per X.509 certificate that a side showed in a TLS handshake; in TLS 1.3 they are encrypted. */
export const certificates = {
  name: "certificates",
  doc: "Certificates shown in TLS handshakes.",
  columns: [
    ...record,
    {name: "shown_by", type: "VARCHAR", doc: "client or server."},
    {name: "position", type: "INTEGER", doc: "Place in the chain; 0 is the side's own."},
    {name: "subject", type: "VARCHAR", nullable: true, doc: "Whose it is, its most specific part first: CN=www.example.org,O=Example,C=CH.", source: "RFC 4514"},
    {name: "issuer", type: "VARCHAR", nullable: true, doc: "Who signed it, in the same form."},
    {name: "names", type: "VARCHAR", nullable: true, doc: "JSON array of the names it holds for: DNS names, addresses, mail addresses, URIs; NULL without.", source: "RFC 5280 §4.2.1.6"},
    {name: "not_before", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "First moment it is valid."},
    {name: "not_after", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Last moment it is valid."},
    {name: "serial", type: "VARCHAR", nullable: true, doc: "Serial number in hexadecimal, without a leading zero octet."},
    {name: "sha256", type: "VARCHAR", doc: "SHA-256 of the certificate (DER)."},
    {name: "sha1", type: "VARCHAR", doc: "SHA-1 of it, by which older lists know it."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
