import {sums, type TableFormat} from "./format.ts";

/** A side's columns: 2017 and CICFlowMeter 4 write words in full, CSE-CIC-IDS2018 shortens them; `aliases` makes them one. */
const side = (ours: "src" | "dst", theirs: "fwd" | "bwd") => ({
  [`${ours}_payload_min_bytes`]: `${theirs}_packet_length_min`,
  [`${ours}_payload_max_bytes`]: `${theirs}_packet_length_max`,
  [`${ours}_payload_std_bytes`]: `${theirs}_packet_length_std`,
  [`${ours}_iat_min_s`]: `greatest(0, ${theirs}_iat_min) / 1e6`,
  [`${ours}_iat_mean_s`]: `${theirs}_iat_mean / 1e6`,
  [`${ours}_iat_max_s`]: `${theirs}_iat_max / 1e6`,
  [`${ours}_iat_std_s`]: `${theirs}_iat_std / 1e6`
});

/** CICFlowMeter's CSV files, and the data sets that were made with it: CICIDS2017, CSE-CIC-IDS2018. */
export const cicflowmeter: TableFormat = {
  name: "CICFlowMeter",
  marks: ["flow_duration", "fwd_packet_length_max", "flow_iat_mean"],
  features: {
    ...sums({
      duration: "flow_duration / 1e6",
      srcPackets: "total_fwd_packets",
      dstPackets: "total_bwd_packets",
      srcPayload: "total_length_of_fwd_packets",
      dstPayload: "total_length_of_bwd_packets"
    }),
    // Its headers are those of the transport; IPv4 without options is taken for the rest.
    src_header_sum_bytes: "fwd_header_length + 20 * total_fwd_packets",
    dst_header_sum_bytes: "bwd_header_length + 20 * total_bwd_packets",
    src_header_min_bytes: "fwd_seg_size_min + 20",
    src_data_packets: "fwd_act_data_packets",
    payload_min_bytes: "packet_length_min",
    payload_max_bytes: "packet_length_max",
    iat_min_s: "greatest(0, flow_iat_min) / 1e6",
    iat_max_s: "flow_iat_max / 1e6",
    iat_std_s: "flow_iat_std / 1e6",
    ...side("src", "fwd"),
    ...side("dst", "bwd")
  },
  protocol: "protocol",
  labels: ["category", "cat", "label", "labelb"],
  leavesOut:
    "flags, bulks, subflows, activity and idleness, whose values in the published files are another thing (docs/cicflowmeter.md)"
};

/** Names of a column in files of other versions, by the plain name that is used here. */
export const cicAliases: Readonly<Record<string, readonly string[]>> = {
  total_fwd_packets: ["total_fwd_packet", "tot_fwd_pkts"],
  total_bwd_packets: ["total_backward_packets", "tot_bwd_pkts"],
  total_length_of_fwd_packets: ["total_length_of_fwd_packet", "totlen_fwd_pkts"],
  total_length_of_bwd_packets: ["total_length_of_bwd_packet", "totlen_bwd_pkts"],
  ...Object.fromEntries(
    ["fwd_", "bwd_", ""].flatMap((side) =>
      ["min", "max", "std"].map((what) => [
        `${side}packet_length_${what}`,
        [`${side}pkt_len_${what}`, `${what}_packet_length`].slice(0, side === "" ? 2 : 1)
      ])
    )
  ),
  fwd_header_length: ["fwd_header_len"],
  bwd_header_length: ["bwd_header_len"],
  fwd_seg_size_min: ["min_seg_size_forward"],
  fwd_act_data_packets: ["fwd_act_data_pkts", "act_data_pkt_fwd"]
};
