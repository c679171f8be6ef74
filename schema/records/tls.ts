import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per TLS handshake, over TCP, in datagrams (DTLS, `ja4` begins with d) or in QUIC (q). */
export const tls = {
  name: "tls",
  doc: "TLS handshakes: what the client offers, and what the server chose.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "Highest version offered, or chosen where a ServerHello was seen (TLS 1.3 …)."},
    {name: "server_name", type: "VARCHAR", nullable: true, doc: "SNI.", source: "RFC 6066 §3"},
    {name: "alpn", type: "VARCHAR", nullable: true, doc: "ALPN protocols offered, comma-separated.", source: "RFC 7301"},
    {name: "ja4", type: "VARCHAR", nullable: true, doc: "JA4 client fingerprint; NULL, as what else the ClientHello tells, where only the server's was seen.", source: "FoxIO JA4"},
    {name: "ja3", type: "VARCHAR", nullable: true, doc: "JA3 client fingerprint (MD5).", source: "salesforce/ja3"},
    {name: "cipher", type: "INTEGER", nullable: true, doc: "Cipher suite chosen by the ServerHello; NULL where none was seen, and in QUIC."},
    {name: "ja3s", type: "VARCHAR", nullable: true, doc: "JA3S server fingerprint (MD5); NULL where no ServerHello was seen.", source: "salesforce/ja3"},
    {name: "alpn_chosen", type: "VARCHAR", nullable: true, doc: "ALPN protocol chosen; in TLS 1.3 the choice is encrypted.", source: "RFC 7301"},
    {name: "resumed", type: "BOOLEAN", nullable: true, doc: "Whether an earlier session went on: the server repeats the client's session id, in TLS 1.3 it takes its key; NULL where no ServerHello was seen.", source: "RFC 5246 §7.3, RFC 8446 §2.2"},
    {name: "alert", type: "VARCHAR", nullable: true, doc: "First alert in clear (handshake_failure, unknown_ca …); NULL where none was seen.", source: "RFC 8446 §6"},
    {name: "alert_by", type: "VARCHAR", nullable: true, doc: "Who sent it: client or server."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
