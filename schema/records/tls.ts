import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per TLS handshake: over TCP, over UDP (DTLS; `ja4` begins with d) or in QUIC (`ja4` begins with q). */
export const tls = {
  name: "tls",
  doc: "TLS handshakes: what the client offers, and what the server chose.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "TLS version chosen by the ServerHello; where none was captured, the highest version offered (TLS 1.3 …)."},
    {name: "server_name", type: "VARCHAR", nullable: true, doc: "Server name that the client asks for (SNI); NULL without one.", source: "RFC 6066 §3"},
    {name: "alpn", type: "VARCHAR", nullable: true, doc: "ALPN protocols offered, comma-separated.", source: "RFC 7301"},
    {name: "ja4", type: "VARCHAR", nullable: true, doc: "JA4 client fingerprint; NULL where no ClientHello was captured. The same applies to the other columns taken from the ClientHello.", source: "FoxIO JA4"},
    {name: "ja3", type: "VARCHAR", nullable: true, doc: "JA3 client fingerprint (MD5).", source: "salesforce/ja3"},
    {name: "cipher", type: "INTEGER", nullable: true, doc: "Number of the cipher suite chosen by the ServerHello; NULL where none was captured, and in QUIC."},
    {name: "ja3s", type: "VARCHAR", nullable: true, doc: "JA3S server fingerprint (MD5); NULL where no ServerHello was captured.", source: "salesforce/ja3"},
    {name: "alpn_chosen", type: "VARCHAR", nullable: true, doc: "ALPN protocol chosen by the server; NULL in TLS 1.3, which encrypts it.", source: "RFC 7301"},
    {name: "resumed", type: "BOOLEAN", nullable: true, doc: "True if the server resumed an earlier session: it repeats the client's session id, or in TLS 1.3 accepts its pre-shared key; NULL where no ServerHello was captured.", source: "RFC 5246 §7.3, RFC 8446 §2.2"},
    {name: "alert", type: "VARCHAR", nullable: true, doc: "First unencrypted alert (handshake_failure, unknown_ca …); NULL where none was captured.", source: "RFC 8446 §6"},
    {name: "alert_by", type: "VARCHAR", nullable: true, doc: "Sender of the alert: client or server; NULL without an alert."},
    {name: "heartbeat_excess", type: "INTEGER", unit: "bytes", nullable: true, doc: "Most that an unencrypted heartbeat request says to carry beyond what it does, which a faulty server answers with its memory (Heartbleed); NULL without such a request.", source: "RFC 6520 §4"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
