import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per SSH connection in which a banner was captured. */
export const ssh = {
  name: "ssh",
  doc: "SSH banners, offered algorithms and their fingerprints.",
  columns: [
    ...record,
    {name: "client_banner", type: "VARCHAR", nullable: true, doc: "Client identification string.", source: "RFC 4253 §4.2"},
    {name: "server_banner", type: "VARCHAR", nullable: true, doc: "Server identification string."},
    {name: "hassh", type: "VARCHAR", nullable: true, doc: "HASSH client fingerprint: MD5 of client_algorithms; NULL where the list was not captured completely.", source: "salesforce/hassh"},
    {name: "hassh_server", type: "VARCHAR", nullable: true, doc: "hasshServer fingerprint: MD5 of server_algorithms; NULL where the list was not captured completely.", source: "salesforce/hassh"},
    {name: "client_algorithms", type: "VARCHAR", nullable: true, doc: "Algorithms the client offers, in its order of preference: key exchange; encryption; MAC; compression (client to server).", source: "RFC 4253 §7.1"},
    {name: "server_algorithms", type: "VARCHAR", nullable: true, doc: "Algorithms the server offers, in its order of preference: key exchange; encryption; MAC; compression (server to client).", source: "RFC 4253 §7.1"},
    {name: "auth_guess", type: "VARCHAR", nullable: true, doc: "A guess by the sizes of the server's encrypted messages: success or failure of the login; NULL where they do not tell.", source: "Zeek's SSH analyser"},
    {name: "auth_failures", type: "INTEGER", nullable: true, doc: "A guess, as auth_guess: refused attempts, without the first request that asks for the methods; NULL where it was not reached."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
