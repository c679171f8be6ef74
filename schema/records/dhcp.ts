import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per DHCP message over IPv4: who a machine says it is, and the address it is given. */
export const dhcp = {
  name: "dhcp",
  doc: "DHCP messages: who a machine says it is, and the address it is given.",
  columns: [
    ...record,
    {name: "message", type: "VARCHAR", doc: "discover, offer, request, decline, ack, nak, release, inform; bootp without a type.", source: "RFC 2132 §9.6"},
    {name: "transaction_id", type: "BIGINT", doc: "Number that a client's messages and the answers share."},
    {name: "client_mac", type: "VARCHAR", nullable: true, doc: "Hardware address of the client; NULL where it is none of Ethernet.", source: "RFC 2131 §2"},
    {name: "client", type: "VARCHAR", nullable: true, doc: "Address that the client has already; NULL without."},
    {name: "assigned", type: "VARCHAR", nullable: true, doc: "Address that the server gives it; NULL without."},
    {name: "requested", type: "VARCHAR", nullable: true, doc: "Address that the client asks for."},
    {name: "host_name", type: "VARCHAR", nullable: true, doc: "Name that the client gives itself (host name, else the full name).", source: "RFC 2132 §3.14, RFC 4702"},
    {name: "vendor_class", type: "VARCHAR", nullable: true, doc: "What the client says its system is (MSFT 5.0, android-dhcp-13 …).", source: "RFC 2132 §9.13"},
    {name: "parameters", type: "VARCHAR", nullable: true, doc: "Options the client asks for, in its order, by which systems can be told apart: 1,3,6,15.", source: "RFC 2132 §9.8"},
    {name: "server", type: "VARCHAR", nullable: true, doc: "Address of the server, as it names itself."},
    {name: "router", type: "VARCHAR", nullable: true, doc: "First router that the server tells."},
    {name: "domain", type: "VARCHAR", nullable: true, doc: "Domain that the server tells."},
    {name: "lease_s", type: "BIGINT", unit: "s", nullable: true, doc: "How long the address is given for."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
