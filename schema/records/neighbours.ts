import type {Table} from "../column.ts";

/**
 * What routers and switches say of themselves. Equal messages of a sender are one row until it says something else, for 30
 * minutes at most, or until they pause for five.
 */
export const neighbours = {
  name: "neighbours",
  doc: "What routers and switches say of themselves: LLDP, CDP, spanning tree, OSPF hellos, HSRP, VRRP, and BGP's openings, updates and notifications. Equal messages of a sender are one row.",
  columns: [
    {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the messages belong to."},
    {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the first message of the row."},
    {name: "src_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the sender of a frame without IP; NULL for messages of IP."},
    {name: "vlan", type: "INTEGER", nullable: true, doc: "Outer 802.1Q VLAN id of a frame without IP; NULL without a tag."},
    {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Address of the sender; NULL for frames without IP."},
    {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "Address of the receiver, a group's mostly; NULL for frames without IP."},
    {name: "protocol", type: "VARCHAR", doc: "lldp, cdp, stp, ospf, hsrp, vrrp, bgp."},
    {name: "message", type: "VARCHAR", doc: "announcement (LLDP, CDP, VRRP); configuration, rapid, topology_change (spanning tree); hello (OSPF, HSRP), coup, resign (HSRP); open, update, notification (BGP)."},
    {name: "device", type: "VARCHAR", nullable: true, doc: "Who speaks, as it calls itself: system name of LLDP, else its chassis; device of CDP; MAC address of a bridge; router id of OSPF and BGP.", source: "IEEE 802.1AB §8.5; IEEE 802.1D §9.3; RFC 2328 §A.3.1; RFC 4271 §4.2"},
    {name: "port", type: "VARCHAR", nullable: true, doc: "Port that it speaks from (LLDP, CDP, spanning tree)."},
    {name: "platform", type: "VARCHAR", nullable: true, doc: "System description of LLDP, platform of CDP."},
    {name: "address", type: "VARCHAR", nullable: true, doc: "First management address of LLDP, first address of CDP; virtual address of HSRP and VRRP."},
    {name: "group_id", type: "BIGINT", nullable: true, doc: "Area of OSPF, group of HSRP and VRRP, VLAN of a spanning tree (0 for one of all), AS of a router that opens BGP."},
    {name: "priority", type: "BIGINT", nullable: true, doc: "Priority of the sender in OSPF, HSRP, VRRP (0: it gives up) and spanning tree (less is more)."},
    {name: "leader", type: "VARCHAR", nullable: true, doc: "Root bridge of a spanning tree; designated router of OSPF; NULL where none is known."},
    {name: "leader_priority", type: "BIGINT", nullable: true, doc: "Priority of that root bridge; NULL else."},
    {name: "state", type: "VARCHAR", nullable: true, doc: "HSRP's initial, learn, listen, speak, standby, active; topology_change for a configuration of a spanning tree that tells of one; NULL else."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "How messages of OSPF, HSRP and VRRP are authenticated: none, password, digest; NULL for others."},
    {name: "hold_s", type: "DOUBLE", unit: "s", nullable: true, doc: "For how long the message is valid: time to live of LLDP and CDP, dead interval of OSPF, hold time of HSRP and BGP, largest age of spanning tree; for VRRP the time until the next."},
    {name: "prefixes", type: "BIGINT", nullable: true, doc: "Prefixes that BGP's updates of the row announce; NULL else."},
    {name: "withdrawn", type: "BIGINT", nullable: true, doc: "Prefixes that they withdraw; NULL else."},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Error of a notification of BGP (cease: administrative shutdown).", source: "RFC 4271 §4.5, RFC 4486"},
    {name: "messages", type: "BIGINT", doc: "Number of messages in the row."},
    {name: "duration_us", type: "BIGINT", unit: "µs", doc: "Time from the first to the last of them."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
