import {literal} from "./sql.js";

/** The columns of a flow that only its own panel shows, and their names. */
export const detailNames: Readonly<Record<string, string>> = {
  history: "History",
  end_reason: "Ended by",
  community_id: "Community ID",
  ja4: "JA4",
  tunnel: "Tunnel",
  vlan: "VLAN",
  vlan_inner: "Inner VLAN",
  outer_src_ip: "Outer source",
  outer_dst_ip: "Outer destination",
  src_ip_bytes: "IP bytes out",
  dst_ip_bytes: "IP bytes back",
  src_payload_bytes: "Payload bytes out",
  dst_payload_bytes: "Payload bytes back",
  src_late_pkts: "Out of order, out",
  dst_late_pkts: "Out of order, back",
  src_dup_acks: "Duplicate ACKs out",
  dst_dup_acks: "Duplicate ACKs back",
  src_zero_window_pkts: "Zero windows out",
  dst_zero_window_pkts: "Zero windows back",
  src_ack_rtt_mean_us: "Mean time to ACK out, µs",
  dst_ack_rtt_mean_us: "Mean time to ACK back, µs",
  response_mean_us: "Mean response time, µs"
};

/** These columns of one flow as a statement. */
export function flowDetailsSql(flow: string, capture: string): string {
  return `SELECT ${Object.keys(detailNames).join(", ")}
FROM flows
WHERE flow_id = ${BigInt(flow)} AND capture_sha256 = ${literal(capture)}`;
}
