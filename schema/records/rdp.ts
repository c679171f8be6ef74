import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per RDP connection over TCP. With TLS, what follows the negotiation is encrypted. */
export const rdp = {
  name: "rdp",
  doc: "RDP connections: cookie, security protocols, and the name of the client where it crosses in cleartext.",
  columns: [
    ...record,
    {name: "cookie", type: "VARCHAR", nullable: true, doc: "Cookie of the connection request: mstshash= with the beginning of the user name, or a token of a load balancer.", source: "[MS-RDPBCGR] §2.2.1.1"},
    {name: "requested_protocols", type: "VARCHAR", nullable: true, doc: "Security protocols that the client offers, comma-separated: rdp, tls, credssp, rdstls, credssp-ex, aad.", source: "[MS-RDPBCGR] §2.2.1.1.1"},
    {name: "selected_protocol", type: "VARCHAR", nullable: true, doc: "Security protocol that the server selects; NULL without its answer."},
    {name: "failure", type: "INTEGER", nullable: true, doc: "Code of the server, where it rejects the connection.", source: "[MS-RDPBCGR] §2.2.1.2.2"},
    {name: "client_name", type: "VARCHAR", nullable: true, doc: "Name of the client computer; NULL where TLS encrypts it.", source: "[MS-RDPBCGR] §2.2.1.3.2"},
    {name: "client_build", type: "INTEGER", nullable: true, doc: "Build number of the client."},
    {name: "channels", type: "VARCHAR", nullable: true, doc: "Static virtual channels that the client asks for, comma-separated (rdpdr, cliprdr …); NULL where TLS encrypts them, or there are none.", source: "[MS-RDPBCGR] §2.2.1.3.4"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
