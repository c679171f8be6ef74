/** What became of a frame. */
export const FLOW = 0;
export const NON_IP = 1;
export const ARP = 2;
export const MALFORMED = 3;
export const UNREAD = 4;
/** Not of IP, and its EtherType known (link-frames.ts). */
export const LINK_FRAME = 5;

/** What stands in place of an EtherType for frames of LLC: Cisco's CDP, VTP and DTP by their own types, spanning trees by their access point. */
export const CDP = 0x2000;
export const VTP = 0x2003;
export const DTP = 0x2004;
export const SPANNING_TREE = 0x42;
/** The same for management frames of IEEE 802.11; above all EtherTypes. */
export const WLAN_MANAGEMENT = 0x80211;

/** IANA protocol numbers. */
export const ICMP = 1;
export const IP_IN_IP = 4;
export const TCP = 6;
export const UDP = 17;
export const DCCP = 33;
export const IPV6 = 41;
export const GRE = 47;
export const AH = 51;
export const ICMPV6 = 58;
export const EIGRP = 88;
export const OSPF = 89;
export const ETHERIP = 97;
export const VRRP = 112;
export const L2TP3 = 115;
export const SCTP = 132;
export const UDP_LITE = 136;
export const MPLS_IN_IP = 137;

/** TCP flags (RFC 9293 §3.1). */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** Why a flow ended; the names are in `end-reasons` of finished-flows.ts. */
export const END_FIN = 0;
export const END_RST = 1;
export const END_IDLE = 2;
export const END_ACTIVE = 3;
export const END_EVICTED = 4;
export const END_CAPTURE = 5;
export const END_REUSE = 6;
/** It has not ended: a row of a snapshot. */
export const END_OPEN = 7;

/** Kinds of encapsulation; the names are in tunnel-text.ts. */
export const TUNNEL_IPIP = 1;
export const TUNNEL_6IN4 = 2;
export const TUNNEL_4IN6 = 3;
export const TUNNEL_6IN6 = 4;
export const TUNNEL_GRE = 5;
export const TUNNEL_GRE_KEYED = 6;
export const TUNNEL_PPTP = 7;
export const TUNNEL_ERSPAN = 8;
export const TUNNEL_VXLAN = 9;
export const TUNNEL_GENEVE = 10;
export const TUNNEL_GTPU = 11;
export const TUNNEL_TEREDO = 12;
export const TUNNEL_ETHERIP = 13;
export const TUNNEL_MPLS = 14;
export const TUNNEL_NVGRE = 15;
export const TUNNEL_L2TP = 16;
export const TUNNEL_L2TP3 = 17;
export const TUNNEL_AYIYA = 18;
export const TUNNEL_TZSP = 19;
export const TUNNEL_CAPWAP = 20;
export const TUNNEL_LISP = 21;
export const TUNNEL_LISP_INSTANCE = 22;
