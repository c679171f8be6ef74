/**
 * Columns of `flows` that the core hands over as 64-bit numbers, in its order; their places in the core are generated
 * from this list (`npm run cores`).
 */
export const numberNames = [
  "ts_start",
  "ts_end",
  "duration_us",
  "src_port",
  "dst_port",
  "proto",
  "vlan",
  "vlan_inner",
  "src_pkts",
  "dst_pkts",
  "src_wire_bytes",
  "dst_wire_bytes",
  "src_ip_bytes",
  "dst_ip_bytes",
  "src_payload_bytes",
  "dst_payload_bytes",
  "rtt_us",
  "src_retransmits",
  "dst_retransmits"
] as const;
