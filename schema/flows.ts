import type {Column, Row} from "./column.ts";

/**
 * One row per bidirectional flow. `src_` is the originator (the endpoint that sent the SYN, else the first packet
 * seen), `dst_` the responder, as in Zeek's conn.log. The key is the innermost five-tuple with its tunnel and VLAN.
 */
export const flowColumns = [
  {name: "flow_id", type: "BIGINT", doc: "Hash of capture, five-tuple, tunnel and start time; other tables refer to it."},
  {name: "capture_sha256", type: "VARCHAR", doc: "SHA-256 of the capture file the flow was read from."},
  {name: "ts_start", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the first packet."},
  {name: "ts_end", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the last packet."},
  {name: "duration_us", type: "BIGINT", unit: "µs", doc: "Last minus first packet time."},
  {name: "src_ip", type: "VARCHAR", doc: "Originator's address (innermost IP header), RFC 5952 text for IPv6."},
  {name: "src_port", type: "INTEGER", doc: "Originator's port; ICMP type for ICMP and ICMPv6; 0 where the protocol has none.", source: "Zeek id.orig_p"},
  {name: "dst_ip", type: "VARCHAR", doc: "Responder's address (innermost IP header)."},
  {name: "dst_port", type: "INTEGER", doc: "Responder's port; the ICMP counterpart type (echo reply for echo request …) or the ICMP code.", source: "Zeek id.resp_p"},
  {name: "outer_src_ip", type: "VARCHAR", doc: "Source of the outermost IP header of the first packet; equals src_ip outside tunnels."},
  {name: "outer_dst_ip", type: "VARCHAR", doc: "Destination of the outermost IP header of the first packet."},
  {name: "proto", type: "SMALLINT", doc: "IANA protocol number (6 TCP, 17 UDP, 1 ICMP …)."},
  {name: "service", type: "VARCHAR", nullable: true, doc: "Application protocol recognised by content; NULL where none was recognised.", source: "Zeek service"},
  {name: "vlan", type: "INTEGER", nullable: true, doc: "Outer 802.1Q VLAN id; NULL without a tag."},
  {name: "vlan_inner", type: "INTEGER", nullable: true, doc: "Inner VLAN id of QinQ; NULL without a second tag."},
  {name: "tunnel", type: "VARCHAR", nullable: true, doc: "Encapsulations from the outside in with their ids (`vxlan:5000`, `gre>vxlan:7`); NULL outside tunnels."},
  {name: "src_pkts", type: "BIGINT", unit: "packets", doc: "Packets from the originator."},
  {name: "dst_pkts", type: "BIGINT", unit: "packets", doc: "Packets from the responder."},
  {name: "src_wire_bytes", type: "BIGINT", unit: "bytes", doc: "Frame lengths on the wire, from the originator."},
  {name: "dst_wire_bytes", type: "BIGINT", unit: "bytes", doc: "Frame lengths on the wire, from the responder."},
  {name: "src_ip_bytes", type: "BIGINT", unit: "bytes", doc: "IP total lengths (innermost), from the originator.", source: "Zeek orig_ip_bytes"},
  {name: "dst_ip_bytes", type: "BIGINT", unit: "bytes", doc: "IP total lengths (innermost), from the responder.", source: "Zeek resp_ip_bytes"},
  {name: "src_payload_bytes", type: "BIGINT", unit: "bytes", doc: "Transport payload from the originator, computed from the header length fields."},
  {name: "dst_payload_bytes", type: "BIGINT", unit: "bytes", doc: "Transport payload from the responder, computed from the header length fields."},
  {name: "conn_state", type: "VARCHAR", doc: "Connection state: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH.", source: "Zeek conn_state"},
  {name: "history", type: "VARCHAR", doc: "Connection history, one letter per kind of event: upper case for the originator, lower case for the responder.", source: "Zeek history"},
  {name: "end_reason", type: "VARCHAR", doc: "Why the flow ended: fin, rst, idle, active, evicted, reuse (of its ports by a new connection), end (of the capture).", source: "IPFIX flowEndReason"},
  {name: "community_id", type: "VARCHAR", doc: "Community ID v1, seed 0.", source: "corelight/community-id-spec"},
  {name: "server_name", type: "VARCHAR", nullable: true, doc: "Name of the responder from TLS SNI or HTTP Host; NULL where none was captured."},
  {name: "ja4", type: "VARCHAR", nullable: true, doc: "JA4 fingerprint of the TLS ClientHello; NULL where none was captured.", source: "FoxIO JA4"},
  {
    name: "dns_name",
    type: "VARCHAR",
    nullable: true,
    doc: "Name that the originator resolved to the responder's address before the flow began, from DNS answers in the same capture. server_name, in contrast, is taken from the flow itself. NULL where no such answer was captured, or it had expired (after its TTL, at least one hour)."
  },
  {name: "service_inside", type: "VARCHAR", nullable: true, doc: "Service inside a proxied connection (SOCKS, HTTP CONNECT, PROXY header), recognised by content; NULL without a proxy, or where none was recognised."},
  {name: "proxied_ip", type: "VARCHAR", nullable: true, doc: "Address of the client for whom the originator, a proxy, connects, as its PROXY header states it; NULL without such a header.", source: "haproxy.org proxy-protocol.txt"},
  {name: "service_guess", type: "VARCHAR", nullable: true, doc: "Service usual on the responder's port: a guess, given only where service is NULL; NULL where no service is usual on the port.", source: "IANA service names"},
  {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "TCP handshake round trip: SYN to the originator's ACK of the SYN-ACK; NULL unless all three were seen."},
  {name: "src_retransmits", type: "BIGINT", unit: "packets", doc: "TCP segments that the originator sent again, fast and spurious ones included.", source: "Wireshark tcp.analysis.retransmission"},
  {name: "dst_retransmits", type: "BIGINT", unit: "packets", doc: "TCP segments that the responder sent again, fast and spurious ones included.", source: "Wireshark tcp.analysis.retransmission"},
  {name: "src_fast_retransmits", type: "BIGINT", unit: "packets", doc: "Of src_retransmits those within 20 ms of duplicate ACKs that asked for them; at most 65,535.", source: "Wireshark tcp.analysis.fast_retransmission"},
  {name: "dst_fast_retransmits", type: "BIGINT", unit: "packets", doc: "Of dst_retransmits those within 20 ms of duplicate ACKs that asked for them; at most 65,535.", source: "Wireshark tcp.analysis.fast_retransmission"},
  {name: "src_spurious_retransmits", type: "BIGINT", unit: "packets", doc: "Of src_retransmits those of data that had been acknowledged; at most 65,535.", source: "Wireshark tcp.analysis.spurious_retransmission"},
  {name: "dst_spurious_retransmits", type: "BIGINT", unit: "packets", doc: "Of dst_retransmits those of data that had been acknowledged; at most 65,535.", source: "Wireshark tcp.analysis.spurious_retransmission"},
  {name: "src_late_pkts", type: "BIGINT", unit: "packets", doc: "TCP segments from the originator that came out of order: behind a later one, within a round trip of it (3 ms where the handshake gave none).", source: "Wireshark tcp.analysis.out_of_order"},
  {name: "dst_late_pkts", type: "BIGINT", unit: "packets", doc: "TCP segments from the responder that came out of order: behind a later one, within a round trip of it (3 ms where the handshake gave none).", source: "Wireshark tcp.analysis.out_of_order"},
  {name: "src_dup_acks", type: "BIGINT", unit: "packets", doc: "ACKs that the originator repeated without data, with the same window.", source: "Wireshark tcp.analysis.duplicate_ack"},
  {name: "dst_dup_acks", type: "BIGINT", unit: "packets", doc: "ACKs that the responder repeated without data, with the same window.", source: "Wireshark tcp.analysis.duplicate_ack"},
  {name: "src_zero_window_pkts", type: "BIGINT", unit: "packets", doc: "TCP segments by which the originator closed its window; at most 65,535.", source: "Wireshark tcp.analysis.zero_window"},
  {name: "dst_zero_window_pkts", type: "BIGINT", unit: "packets", doc: "TCP segments by which the responder closed its window; at most 65,535.", source: "Wireshark tcp.analysis.zero_window"},
  {name: "src_ack_rtt_min_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Shortest time from data of the originator to their ACK as captured, one segment in flight timed at a time, repeated ones never; NULL where none was timed.", source: "RFC 6298 §3"},
  {name: "src_ack_rtt_mean_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Mean of those times, rounded.", source: "RFC 6298 §3"},
  {name: "dst_ack_rtt_min_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Shortest time from data of the responder to their ACK as captured, one segment in flight timed at a time, repeated ones never; NULL where none was timed.", source: "RFC 6298 §3"},
  {name: "dst_ack_rtt_mean_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Mean of those times, rounded.", source: "RFC 6298 §3"},
  {name: "response_mean_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Mean time from the originator's last data to the responder's first data that follow, rounded; NULL where none followed."},
  {name: "response_max_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Longest of those times."},
  {
    name: "activity",
    type: "VARCHAR",
    nullable: true,
    doc: "When the flow was active, as lists apart by semicolons: widths of the bins with packets in seconds; their first seconds, counted from that of ts_start; bytes on the wire in each; of those the originator's; packets; of those the originator's; retransmissions, where there were any. Bins are seconds of the clock; there are at most 97, and where a flow was active in more seconds, neighbours of about the same rate are one. NULL for a flow within one second of the clock."
  }
] as const satisfies readonly Column[];

export type FlowRow = Row<typeof flowColumns>;
