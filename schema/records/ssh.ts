import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per SSH connection whose banner was seen. */
export const ssh = {
  name: "ssh",
  doc: "SSH banners and fingerprints of what both sides offer.",
  columns: [
    ...record,
    {name: "client_banner", type: "VARCHAR", nullable: true, doc: "Client identification string.", source: "RFC 4253 §4.2"},
    {name: "server_banner", type: "VARCHAR", nullable: true, doc: "Server identification string."},
    {name: "hassh", type: "VARCHAR", nullable: true, doc: "HASSH client fingerprint: MD5 of client_algorithms; NULL where what the client offers was not seen whole.", source: "salesforce/hassh"},
    {name: "hassh_server", type: "VARCHAR", nullable: true, doc: "hasshServer fingerprint: MD5 of server_algorithms.", source: "salesforce/hassh"},
    {name: "client_algorithms", type: "VARCHAR", nullable: true, doc: "What the client offers: key exchange; encryption; MAC; compression (client to server), in its order.", source: "RFC 4253 §7.1"},
    {name: "server_algorithms", type: "VARCHAR", nullable: true, doc: "What the server offers: key exchange; encryption; MAC; compression (server to client), in its order.", source: "RFC 4253 §7.1"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
