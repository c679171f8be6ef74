import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per DHCP message over IPv4 or IPv6: how a client identifies itself, and which address it is assigned. */
export const dhcp = {
  name: "dhcp",
  doc: "DHCP messages over IPv4 and IPv6: how a client identifies itself, and which address it is assigned.",
  columns: [
    ...record,
    {
      name: "message",
      type: "VARCHAR",
      doc: "discover, offer, request, decline, ack, nak, release, inform; bootp where the message has no DHCP message type. Over IPv6: solicit, advertise, request, confirm, renew, rebind, reply, release, decline, reconfigure, information; what relays pass on stands as it was sent to them.",
      source: "RFC 2132 §9.6, RFC 8415 §7.3"
    },
    {name: "transaction_id", type: "BIGINT", doc: "Transaction id, equal in a client's messages and the server's replies."},
    {name: "client_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the client; NULL where its hardware address is not an Ethernet address. Over IPv6 the one in its unique identifier (DUID), if there is one.", source: "RFC 2131 §2, RFC 8415 §11"},
    {name: "client", type: "VARCHAR", nullable: true, doc: "Address that the client already uses (ciaddr); NULL without one."},
    {name: "assigned", type: "VARCHAR", nullable: true, doc: "Address that the server offers or assigns (yiaddr, over IPv6 the first of an IA); NULL without one."},
    {name: "requested", type: "VARCHAR", nullable: true, doc: "Address that the client requests; over IPv6 the first that it names; NULL without one."},
    {name: "host_name", type: "VARCHAR", nullable: true, doc: "Host name that the client sends: the host name option, else the client FQDN option.", source: "RFC 2132 §3.14, RFC 4702, RFC 4704"},
    {name: "vendor_class", type: "VARCHAR", nullable: true, doc: "Vendor class identifier of the client (MSFT 5.0, android-dhcp-13 …).", source: "RFC 2132 §9.13"},
    {name: "parameters", type: "VARCHAR", nullable: true, doc: "Parameter request list in the order sent, such as 1,3,6,15; the list is a fingerprint of the operating system.", source: "RFC 2132 §9.8"},
    {name: "server", type: "VARCHAR", nullable: true, doc: "Address of the server (server identifier option); over IPv6 the one that clients may send to (server unicast option)."},
    {name: "router", type: "VARCHAR", nullable: true, doc: "First router in the router option."},
    {name: "domain", type: "VARCHAR", nullable: true, doc: "Domain name option; over IPv6 the first domain to search."},
    {name: "lease_s", type: "BIGINT", unit: "s", nullable: true, doc: "Lease time of the address; over IPv6 its valid lifetime."},
    {name: "client_duid", type: "VARCHAR", nullable: true, doc: "Unique identifier of a client over IPv6 (DUID), hexadecimal; NULL over IPv4, and without one.", source: "RFC 8415 §11"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
