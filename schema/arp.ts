import type {Column, Row} from "./column.ts";

/**
 * One row per ARP packet between Ethernet and IPv4 addresses, at most 1,000 in a second of packet time;
 * `captures.arp_packets` counts all.
 */
export const arpColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the packet belongs to."},
  {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the packet."},
  {name: "operation", type: "INTEGER", doc: "1 request (who has), 2 reply (is at).", source: "RFC 826"},
  {name: "sender_mac", type: "VARCHAR", doc: "MAC address that the sender claims for sender_ip (`02:00:5e:10:00:01`)."},
  {name: "sender_ip", type: "VARCHAR", doc: "IPv4 address that the sender claims; 0.0.0.0 in a probe.", source: "RFC 5227 §2.1.1"},
  {name: "target_mac", type: "VARCHAR", doc: "MAC address of the target; meaningless in a request."},
  {name: "target_ip", type: "VARCHAR", doc: "IPv4 address asked for in a request, or of the receiver of a reply; equals sender_ip in an announcement."},
  {name: "vlan", type: "INTEGER", nullable: true, doc: "Outer 802.1Q VLAN id; NULL without a tag."}
] as const satisfies readonly Column[];

export type ArpRow = Row<typeof arpColumns>;
