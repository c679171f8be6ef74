import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per TLS ClientHello, over TCP or in QUIC (whose `ja4` begins with q). */
export const tls = {
  name: "tls",
  doc: "TLS ClientHellos.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "Highest version offered, or chosen where a ServerHello was seen (TLS 1.3 …)."},
    {name: "server_name", type: "VARCHAR", nullable: true, doc: "SNI.", source: "RFC 6066 §3"},
    {name: "alpn", type: "VARCHAR", nullable: true, doc: "ALPN protocols offered, comma-separated.", source: "RFC 7301"},
    {name: "ja4", type: "VARCHAR", doc: "JA4 client fingerprint.", source: "FoxIO JA4"},
    {name: "ja3", type: "VARCHAR", doc: "JA3 client fingerprint (MD5).", source: "salesforce/ja3"},
    {name: "cipher", type: "INTEGER", nullable: true, doc: "Cipher suite chosen by the ServerHello; NULL where none was seen, and in QUIC."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
