import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * One row per message of IP that tells hosts which router to use or that replaces a neighbour, and per datagram whose fragments overlap, at most 1,000 in
 * a second of packet time. Messages that hosts must discard (RFC 4861 §6.1.2, §8.1) have none.
 */
export const networkLayer = {
  name: "network_layer",
  doc: "Messages of IP that tell hosts which router to use (router advertisements, redirects) or that replace what they know of a neighbour, and datagrams whose fragments overlap.",
  columns: [
    ...record,
    {name: "kind", type: "VARCHAR", doc: "router_advertisement, redirect; neighbour_advertisement for one of IPv6 that overrides and was asked for, neighbour_announcement for one that was not; overlapping_fragments."},
    {name: "src_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the frame's sender; NULL for link types other than Ethernet."},
    {name: "router", type: "VARCHAR", nullable: true, doc: "Router that hosts are to use: the sender of an IPv6 advertisement, the first address of an ICMP one, the target of a redirect; NULL for fragments and neighbours.", source: "RFC 4861 §4.2, §4.5; RFC 1256 §3; RFC 792"},
    {name: "destination", type: "VARCHAR", nullable: true, doc: "For a redirect the destination that is to be reached by that router; for a neighbour advertisement the address that the sender says it has; NULL else, and where it was cut off."},
    {name: "prefix", type: "VARCHAR", nullable: true, doc: "First prefix that an IPv6 advertisement names; NULL without one.", source: "RFC 4861 §4.6.2"},
    {name: "prefix_bits", type: "INTEGER", nullable: true, doc: "Length of that prefix."},
    {name: "name_server", type: "VARCHAR", nullable: true, doc: "First DNS server that an IPv6 advertisement names; NULL without one.", source: "RFC 8106 §5.1"},
    {name: "lifetime_s", type: "BIGINT", unit: "s", nullable: true, doc: "For an advertisement how long the router is to be used by default, 0 for not (any more); NULL else."},
    {name: "prefixes", type: "INTEGER", nullable: true, doc: "Number of prefixes in an IPv6 advertisement; NULL else."},
    {name: "overlap_bytes", type: "BIGINT", unit: "bytes", nullable: true, doc: "For fragments the bytes that the first overlapping one has in common with those before; NULL else."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
