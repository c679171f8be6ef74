import {payloadSums, type TableFormat} from "./format.ts";

const columns =
  "duration protocol_type service flag src_bytes dst_bytes land wrong_fragment urgent hot num_failed_logins logged_in " +
  "num_compromised root_shell su_attempted num_root num_file_creations num_shells num_access_files num_outbound_cmds " +
  "is_host_login is_guest_login count srv_count serror_rate srv_serror_rate rerror_rate srv_rerror_rate same_srv_rate " +
  "diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count dst_host_same_srv_rate dst_host_diff_srv_rate " +
  "dst_host_same_src_port_rate dst_host_srv_diff_host_rate dst_host_serror_rate dst_host_srv_serror_rate " +
  "dst_host_rerror_rate dst_host_srv_rerror_rate label difficulty";

/** NSL-KDD and KDD Cup 1999: connections of 1998, with few numbers that a flow has. */
export const nslKdd: TableFormat = {
  name: "NSL-KDD",
  marks: ["protocol_type", "src_bytes", "dst_host_same_srv_rate"],
  headless: columns.split(" "),
  features: {
    // Whole seconds.
    duration_s: "duration",
    ...payloadSums("duration", "src_bytes", "dst_bytes"),
    // Of the last 100 connections to the host, ours of the last 15.
    ctx_last_dst_port_share: "dst_host_same_srv_rate"
  },
  protocol: "CASE protocol_type WHEN 'tcp' THEN 6 WHEN 'udp' THEN 17 WHEN 'icmp' THEN 1 END",
  labels: ["label", "class"],
  leavesOut: "counts over two seconds and over 100 connections, which no feature has"
};
