import {sums, type TableFormat} from "./format.ts";

/** UNSW-NB15, its raw files with a head and its training and testing sets. */
export const unswNb15: TableFormat = {
  name: "UNSW-NB15",
  marks: ["sttl", "dttl", "sload", "spkts"],
  features: {
    ...sums({duration: "dur", srcPackets: "spkts", dstPackets: "dpkts"}),
    // Argus gives milliseconds, and 0 where there was no handshake.
    src_iat_mean_s: "sintpkt / 1e3",
    dst_iat_mean_s: "dintpkt / 1e3",
    handshake_s: "CASE WHEN tcprtt > 0 THEN tcprtt ELSE -1 END",
    synack_s: "CASE WHEN synack > 0 THEN synack ELSE -1 END"
  },
  protocol:
    "CASE proto WHEN 'tcp' THEN 6 WHEN 'udp' THEN 17 WHEN 'icmp' THEN 1 WHEN 'igmp' THEN 2 WHEN 'ospf' THEN 89 WHEN 'sctp' THEN 132 END",
  labels: ["attack_cat", "label"],
  leavesOut: "payload, since its bytes are counted with headers"
};

export const unswAliases: Readonly<Record<string, readonly string[]>> = {
  sintpkt: ["sinpkt"],
  dintpkt: ["dinpkt"]
};
