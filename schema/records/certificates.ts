import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per X.509 certificate sent in a TLS handshake. TLS 1.3 encrypts certificates, so there are none of it. */
export const certificates = {
  name: "certificates",
  doc: "X.509 certificates sent in TLS handshakes; TLS 1.3 encrypts them.",
  columns: [
    ...record,
    {name: "shown_by", type: "VARCHAR", doc: "Who sent the certificate: client or server."},
    {name: "position", type: "INTEGER", doc: "Position in the certificate chain; 0 is the sender's own certificate."},
    {name: "subject", type: "VARCHAR", nullable: true, doc: "Subject of the certificate, most specific part first: CN=www.example.org,O=Example,C=CH.", source: "RFC 4514"},
    {name: "issuer", type: "VARCHAR", nullable: true, doc: "Issuer of the certificate, in the same form as subject."},
    {name: "names", type: "VARCHAR", nullable: true, doc: "JSON array of the subject alternative names: DNS names, IP addresses, mail addresses, URIs; NULL without any.", source: "RFC 5280 §4.2.1.6"},
    {name: "not_before", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Start of the validity period."},
    {name: "not_after", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "End of the validity period."},
    {name: "serial", type: "VARCHAR", nullable: true, doc: "Serial number in hexadecimal, without a leading zero octet."},
    {name: "sha256", type: "VARCHAR", doc: "SHA-256 of the certificate in DER encoding."},
    {name: "sha1", type: "VARCHAR", doc: "SHA-1 of the certificate in DER encoding, as older blocklists use it."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
