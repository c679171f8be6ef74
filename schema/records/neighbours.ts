import type {Table} from "../column.ts";

/**
 * What routers and switches say of themselves. Equal messages of a sender are one row until it says something else, for 30
 * minutes at most, or until they pause for five.
 */
export const neighbours = {
  name: "neighbours",
  doc: "What routers and switches say of themselves: LLDP, CDP, VTP, DTP, spanning tree, HSRP, VRRP, GLBP, hellos and updates of OSPF and EIGRP, RIP, and BGP's openings, updates and notifications. Equal messages of a sender are one row.",
  columns: [
    {name: "capture_sha256", type: "VARCHAR", doc: "The capture that the messages belong to."},
    {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the first message of the row."},
    {name: "src_mac", type: "VARCHAR", nullable: true, doc: "MAC address of the sender of a frame without IP; NULL for messages of IP."},
    {name: "vlan", type: "INTEGER", nullable: true, doc: "Outer 802.1Q VLAN id of a frame without IP; NULL without a tag."},
    {name: "src_ip", type: "VARCHAR", nullable: true, doc: "Address of the sender; NULL for frames without IP."},
    {name: "dst_ip", type: "VARCHAR", nullable: true, doc: "Address of the receiver, a group's mostly; NULL for frames without IP."},
    {name: "protocol", type: "VARCHAR", doc: "lldp, cdp, vtp, dtp, stp, ospf, eigrp, rip, ripng, hsrp, vrrp, glbp, bgp."},
    {
      name: "message",
      type: "VARCHAR",
      doc: "announcement (LLDP, CDP, DTP, VRRP); summary, subset, request, join (VTP); configuration, rapid, topology_change (spanning tree); hello (OSPF, EIGRP, HSRP, GLBP), goodbye (EIGRP), coup, resign (HSRP); update (OSPF, EIGRP, BGP), query, reply (EIGRP); request, response (RIP); open, notification (BGP)."
    },
    {
      name: "device",
      type: "VARCHAR",
      nullable: true,
      doc: "Who speaks, as it calls itself: system name of LLDP, else its chassis; device of CDP; MAC address of a bridge; router id of OSPF and BGP; for VTP and DTP the domain that it belongs to.",
      source: "IEEE 802.1AB §8.5; IEEE 802.1D §9.3; RFC 2328 §A.3.1; RFC 4271 §4.2"
    },
    {name: "port", type: "VARCHAR", nullable: true, doc: "Port that it speaks from (LLDP, CDP, spanning tree)."},
    {name: "platform", type: "VARCHAR", nullable: true, doc: "System description of LLDP, platform of CDP."},
    {name: "address", type: "VARCHAR", nullable: true, doc: "First management address of LLDP, first address of CDP; virtual address of HSRP, VRRP and GLBP; updater of VTP; for an update of OSPF the router that its first link state comes from."},
    {name: "group_id", type: "BIGINT", nullable: true, doc: "Area of OSPF, AS of EIGRP, group of HSRP, VRRP and GLBP, VLAN of a spanning tree (0 for one of all), AS of a router that opens BGP."},
    {name: "priority", type: "BIGINT", nullable: true, doc: "Priority of the sender in OSPF, HSRP, GLBP, VRRP (0: it gives up) and spanning tree (less is more)."},
    {name: "leader", type: "VARCHAR", nullable: true, doc: "Root bridge of a spanning tree; designated router of OSPF; NULL where none is known."},
    {name: "leader_priority", type: "BIGINT", nullable: true, doc: "Priority of that root bridge; NULL else."},
    {name: "state", type: "VARCHAR", nullable: true, doc: "HSRP's initial, learn, listen, speak, standby, active (GLBP: from listen on); topology_change for a configuration of a spanning tree that tells of one; for DTP what the port is and how it was set: access or trunk, and on, off, desirable, auto; NULL else."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "How messages of OSPF, EIGRP, RIP, HSRP, GLBP and VRRP are authenticated: none, password, digest; NULL for others."},
    {name: "hold_s", type: "DOUBLE", unit: "s", nullable: true, doc: "For how long the message is valid: time to live of LLDP and CDP, dead interval of OSPF, hold time of EIGRP, HSRP, GLBP and BGP, largest age of spanning tree; for VRRP the time until the next."},
    {name: "sequence", type: "BIGINT", nullable: true, doc: "Newest sequence of the link states in an update of OSPF, counted from 1 (0x80000001); revision of VTP; NULL else.", source: "RFC 2328 §12.1.6"},
    {name: "networks", type: "VARCHAR", nullable: true, doc: "First networks that an update of EIGRP, OSPF or RIP announces, eight at most, apart by blanks; RIP of version 1 names no length; NULL without, and for others."},
    {name: "default_route", type: "BOOLEAN", nullable: true, doc: "Whether the default route is among all that it announces; NULL where it announces none."},
    {name: "prefixes", type: "BIGINT", nullable: true, doc: "Prefixes that updates of the row announce, counted in each of them (BGP, EIGRP, OSPF, RIP); NULL else."},
    {name: "withdrawn", type: "BIGINT", nullable: true, doc: "Prefixes that they withdraw, by an infinite metric in EIGRP and RIP; for OSPF the link states of the largest age, which are flushed; NULL else."},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Error of a notification of BGP (cease: administrative shutdown).", source: "RFC 4271 §4.5, RFC 4486"},
    {name: "messages", type: "BIGINT", doc: "Number of messages in the row."},
    {name: "duration_us", type: "BIGINT", unit: "µs", doc: "Time from the first to the last of them."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
