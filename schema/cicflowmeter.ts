import type {ColumnType} from "./column.ts";

/** Where a statement about CICFlowMeter comes from; the works are listed by {@link cicSources}. */
export type CicSource = "source" | "fixed" | "E21" | "R22" | "L22" | "Liu22";

/** A column of CICFlowMeter's CSV files as the lake gives it. */
export interface CicColumn {
  /** As CICFlowMeter 4 heads it. */
  readonly name: string;
  /** As the files of CICIDS2017 head it. */
  readonly name2017: string;
  readonly type: ColumnType;
  readonly unit?: string;
  /** Over `f`, the flow, and `x`, its features (DuckDB). */
  readonly sql: string;
  /** The formula in words, with our columns. */
  readonly formula: string;
  /** How the value of CICFlowMeter itself differs; absent where it does not. */
  readonly original?: string;
  readonly sources?: readonly CicSource[];
  /** How its corrected version still differs; absent where it does not. */
  readonly corrected?: string;
  /** A column that the meter would need for the exact value, and what is given without it. */
  readonly missing?: string;
}

/** The works cited, by key. R22 and Liu22 measure what such mistakes do to detection; no single feature rests on them. */
export const cicSources: Readonly<Record<CicSource, string>> = {
  source: "CICFlowMeter, github.com/ahlashkari/CICFlowMeter at 98a5eba (2022-01-05): BasicFlow, FlowGenerator and PacketReader, read for this list.",
  fixed: "The version corrected by Engelen and others, github.com/GintsEngelen/CICFlowMeter at 4dd5319 (2024-06-26): its read-me, commits and code.",
  E21: "G. Engelen, V. Rimmer, W. Joosen: Troubleshooting an Intrusion Detection Dataset: the CICIDS2017 Case Study. IEEE Security and Privacy Workshops, 2021.",
  R22: "A. Rosay, E. Cheval, F. Carlier, P. Leroux: Network Intrusion Detection: A Comprehensive Analysis of CIC-IDS2017. ICISSP, 2022 (LycoSTand).",
  L22: "M. Lanvin, P.-F. Gimenez, Y. Han, F. Majorczyk, L. Mé, É. Totel: Errors in the CICIDS2017 Dataset and the Significant Differences in Detection Performances It Makes. CRiSIS, 2022.",
  Liu22: "L. Liu, G. Engelen, T. Lynar, D. Essam, W. Joosen: Error Prevalence in NIDS Datasets: A Case Study on CIC-IDS-2017 and CSE-CIC-IDS-2018. IEEE CNS, 2022."
};

const rate = (sum: string) => `CASE WHEN f.duration_us > 0 THEN CAST(${sum} AS DOUBLE) * 1e6 / f.duration_us ELSE 0 END`;
const perPacket = (sum: string, packets: string) => `CASE WHEN ${packets} > 0 THEN CAST(${sum} AS DOUBLE) / (${packets}) ELSE 0 END`;
const us = (seconds: string) => `CAST(x.${seconds} AS DOUBLE) * 1e6`;
const wholeUs = (seconds: string) => `ROUND(${us(seconds)})`;
const beforeIdle = (seconds: string) => `CASE WHEN x.idle_max_s > 0 THEN ${us(seconds)} ELSE 0 END`;
const count = (sum: string) => `CAST(${sum} AS BIGINT)`;
const double = (column: string) => `CAST(x.${column} AS DOUBLE)`;
const port = (column: string) => `CASE WHEN f.proto IN (6, 17, 132) THEN f.${column} ELSE 0 END`;
const ipHeader = "CASE WHEN contains(f.src_ip, ':') THEN 40 ELSE 20 END";
const headers = (side: string) => `GREATEST(0, f.${side}_ip_bytes - f.${side}_payload_bytes - f.${side}_pkts * ${ipHeader})`;
const payload = "f.src_payload_bytes + f.dst_payload_bytes";
const packets = "f.src_pkts + f.dst_pkts";

const noDuration = "Infinity or NaN where the duration is 0.";
const firstTwice = "The first packet counts twice (corrected in 43e5f4f).";
const onlyFirst = "Counted in the first packet of the flow only.";
const bulk = "All packets count as backward (addresses compared by identity), so forward is 0; and the quotient is cut to a whole number (corrected in 07b52b6).";
const subflow = "Before June 2021 every packet begins a subflow (a misplaced bracket); since then divided by the silences, not by silences + 1, 0 without one, and cut to a whole number.";
const transportHeader = "IP headers count as 20 bytes (IPv6: 40): a column of IP header bytes would be needed where there are options.";
const active = "0 where the flow never was idle, as published; else over every run of packets, the last one too: the length of the last run would be needed, which CICFlowMeter leaves out, as it does runs of one packet.";
const icmpPayload = "0 for ICMP, whose payload is not read.";
const bytesNote = "0 for ICMP and all other protocols but TCP and UDP, whose payload is not read.";

/** What is different about the flows themselves, whatever the feature. */
export const cicFlowNotes: readonly string[] = [
  "IPv6 is not read from files (`readIP6 = false`). If it is enabled, times are in ms instead of µs, flags and windows are not read, and UDP headers get the length of the last TCP header.",
  "A flow always ends 120 s after its start. In flowbook it ends after 120 s without packets, or after 30 minutes.",
  "TCP: versions before July 2021 end a flow by its first FIN, later ones by a mistaken sum (`getBwdFINFlags() + getBwdFINFlags()`), and drop the last ACK or make a flow of it; before that month a RST ends nothing. The corrected version ends a flow after both FINs or a RST, but only when another SYN comes: what follows without a SYN goes on in it.",
  "All packets other than TCP and UDP between two hosts are one flow with protocol 0. The corrected version starts a new ICMP flow where type and code both change. In flowbook, as in Zeek, echo requests and replies are one flow, and each other type is its own.",
  "If a SYN-ACK or a response is captured first, the responder becomes the source. In flowbook the source is the sender of the SYN. The corrected version swaps the sides for a SYN-ACK."
];

/** What tells a flow apart in CICFlowMeter's files, in their order. */
export const cicKeys: readonly CicColumn[] = [
  {name: "Flow ID", name2017: "Flow ID", type: "VARCHAR", sql: `concat_ws('-', f.src_ip, f.dst_ip, ${port("src_port")}, ${port("dst_port")}, f.proto)`, formula: "src_ip-dst_ip-src_port-dst_port-proto", original: "May name the sides in the other order than Src IP and Dst IP.", sources: ["source"]},
  {
    name: "Src IP",
    name2017: "Source IP",
    type: "VARCHAR",
    sql: "f.src_ip",
    formula: "src_ip: sender of the SYN, else of the first packet",
    original: "Sender of the first packet captured; after a timeout or the end of a flow this may be the responder. The corrected version swaps the sides for a SYN-ACK.",
    sources: ["source", "fixed"]
  },
  {name: "Src Port", name2017: "Source Port", type: "INTEGER", sql: port("src_port"), formula: "src_port of TCP, UDP, SCTP; else 0"},
  {name: "Dst IP", name2017: "Destination IP", type: "VARCHAR", sql: "f.dst_ip", formula: "dst_ip"},
  {name: "Dst Port", name2017: "Destination Port", type: "INTEGER", sql: port("dst_port"), formula: "dst_port of TCP, UDP, SCTP; else 0"},
  {name: "Protocol", name2017: "Protocol", type: "SMALLINT", sql: "f.proto", formula: "proto", original: "0 for everything but TCP and UDP; the corrected version knows ICMP, IGMP and SCTP.", sources: ["source", "fixed"]},
  {
    name: "Timestamp",
    name2017: "Timestamp",
    type: "VARCHAR",
    unit: "UTC",
    sql: "strftime(f.ts_start, '%Y-%m-%d %H:%M:%S.%f')",
    formula: "ts_start, to the µs",
    original: "In the time zone of the machine, to the second, with a 12-hour clock; the corrected version writes it as flowbook does.",
    sources: ["source", "fixed"]
  }
];

/** CICFlowMeter's statistics of a flow, in the order of its files; with Dst Port they are its 77 features. */
export const cicStatistics: readonly CicColumn[] = [
  {name: "Flow Duration", name2017: "Flow Duration", type: "BIGINT", unit: "µs", sql: "f.duration_us", formula: "duration_us", original: "A flow ends 120 s after its start, or by a mistaken count of FINs: a connection becomes several flows.", sources: ["source", "E21"]},
  {name: "Total Fwd Packet", name2017: "Total Fwd Packets", type: "BIGINT", unit: "packets", sql: "f.src_pkts", formula: "src_pkts", original: "Of packets after the first FIN of a side, some are dropped and some make flows of their own.", sources: ["source", "E21"]},
  {name: "Total Bwd packets", name2017: "Total Backward Packets", type: "BIGINT", unit: "packets", sql: "f.dst_pkts", formula: "dst_pkts", original: "Of packets after the first FIN of a side, some are dropped and some make flows of their own.", sources: ["source", "E21"]},
  {name: "Total Length of Fwd Packet", name2017: "Total Length of Fwd Packets", type: "BIGINT", unit: "bytes", sql: "f.src_payload_bytes", formula: "src_payload_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Total Length of Bwd Packet", name2017: "Total Length of Bwd Packets", type: "BIGINT", unit: "bytes", sql: "f.dst_payload_bytes", formula: "dst_payload_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Fwd Packet Length Max", name2017: "Fwd Packet Length Max", type: "BIGINT", unit: "bytes", sql: count("x.src_payload_max_bytes"), formula: "src_payload_max_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Fwd Packet Length Min", name2017: "Fwd Packet Length Min", type: "BIGINT", unit: "bytes", sql: count("x.src_payload_min_bytes"), formula: "src_payload_min_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Fwd Packet Length Mean", name2017: "Fwd Packet Length Mean", type: "DOUBLE", unit: "bytes", sql: perPacket("f.src_payload_bytes", "f.src_pkts"), formula: "src_payload_bytes / src_pkts", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Fwd Packet Length Std", name2017: "Fwd Packet Length Std", type: "DOUBLE", unit: "bytes", sql: double("src_payload_std_bytes"), formula: "src_payload_std_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Bwd Packet Length Max", name2017: "Bwd Packet Length Max", type: "BIGINT", unit: "bytes", sql: count("x.dst_payload_max_bytes"), formula: "dst_payload_max_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Bwd Packet Length Min", name2017: "Bwd Packet Length Min", type: "BIGINT", unit: "bytes", sql: count("x.dst_payload_min_bytes"), formula: "dst_payload_min_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Bwd Packet Length Mean", name2017: "Bwd Packet Length Mean", type: "DOUBLE", unit: "bytes", sql: perPacket("f.dst_payload_bytes", "f.dst_pkts"), formula: "dst_payload_bytes / dst_pkts", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Bwd Packet Length Std", name2017: "Bwd Packet Length Std", type: "DOUBLE", unit: "bytes", sql: double("dst_payload_std_bytes"), formula: "dst_payload_std_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Flow Bytes/s", name2017: "Flow Bytes/s", type: "DOUBLE", unit: "bytes/s", sql: rate(payload), formula: "payload of both sides / duration; 0 where that is 0", original: noDuration, sources: ["source", "fixed"], corrected: `-1 where the duration is 0. ${icmpPayload}`},
  {name: "Flow Packets/s", name2017: "Flow Packets/s", type: "DOUBLE", unit: "1/s", sql: rate(packets), formula: "packets of both sides / duration; 0 where that is 0", original: noDuration, sources: ["source", "fixed"], corrected: "-1 where the duration is 0."},
  {name: "Flow IAT Mean", name2017: "Flow IAT Mean", type: "DOUBLE", unit: "µs", sql: `CASE WHEN ${packets} > 1 THEN CAST(f.duration_us AS DOUBLE) / (${packets} - 1) ELSE 0 END`, formula: "duration_us / (packets − 1)", original: "NaN for a single packet.", sources: ["source", "fixed"]},
  {name: "Flow IAT Std", name2017: "Flow IAT Std", type: "DOUBLE", unit: "µs", sql: us("iat_std_s"), formula: "iat_std_s"},
  {name: "Flow IAT Max", name2017: "Flow IAT Max", type: "DOUBLE", unit: "µs", sql: wholeUs("iat_max_s"), formula: "iat_max_s"},
  {name: "Flow IAT Min", name2017: "Flow IAT Min", type: "DOUBLE", unit: "µs", sql: wholeUs("iat_min_s"), formula: "iat_min_s, at least 0", original: "Negative where packets are out of order, as some of CICIDS2017 are.", sources: ["source", "L22"]},
  {name: "Fwd IAT Total", name2017: "Fwd IAT Total", type: "DOUBLE", unit: "µs", sql: `ROUND(${us("src_iat_mean_s")} * (f.src_pkts - 1))`, formula: "src_iat_mean_s × (src_pkts − 1)"},
  {name: "Fwd IAT Mean", name2017: "Fwd IAT Mean", type: "DOUBLE", unit: "µs", sql: us("src_iat_mean_s"), formula: "src_iat_mean_s"},
  {name: "Fwd IAT Std", name2017: "Fwd IAT Std", type: "DOUBLE", unit: "µs", sql: us("src_iat_std_s"), formula: "src_iat_std_s"},
  {name: "Fwd IAT Max", name2017: "Fwd IAT Max", type: "DOUBLE", unit: "µs", sql: wholeUs("src_iat_max_s"), formula: "src_iat_max_s"},
  {name: "Fwd IAT Min", name2017: "Fwd IAT Min", type: "DOUBLE", unit: "µs", sql: wholeUs("src_iat_min_s"), formula: "src_iat_min_s, at least 0", original: "Negative where packets are out of order.", sources: ["source", "L22"]},
  {name: "Bwd IAT Total", name2017: "Bwd IAT Total", type: "DOUBLE", unit: "µs", sql: `CASE WHEN f.dst_pkts > 1 THEN ROUND(${us("dst_iat_mean_s")} * (f.dst_pkts - 1)) ELSE 0 END`, formula: "dst_iat_mean_s × (dst_pkts − 1)"},
  {name: "Bwd IAT Mean", name2017: "Bwd IAT Mean", type: "DOUBLE", unit: "µs", sql: us("dst_iat_mean_s"), formula: "dst_iat_mean_s"},
  {name: "Bwd IAT Std", name2017: "Bwd IAT Std", type: "DOUBLE", unit: "µs", sql: us("dst_iat_std_s"), formula: "dst_iat_std_s"},
  {name: "Bwd IAT Max", name2017: "Bwd IAT Max", type: "DOUBLE", unit: "µs", sql: wholeUs("dst_iat_max_s"), formula: "dst_iat_max_s"},
  {name: "Bwd IAT Min", name2017: "Bwd IAT Min", type: "DOUBLE", unit: "µs", sql: wholeUs("dst_iat_min_s"), formula: "dst_iat_min_s, at least 0", original: "Negative where packets are out of order.", sources: ["source", "L22"]},
  {name: "Fwd PSH Flags", name2017: "Fwd PSH Flags", type: "BIGINT", unit: "packets", sql: count("x.src_psh_count"), formula: "src_psh_count", original: onlyFirst, sources: ["source", "E21"]},
  {name: "Bwd PSH Flags", name2017: "Bwd PSH Flags", type: "BIGINT", unit: "packets", sql: count("x.dst_psh_count"), formula: "dst_psh_count", original: onlyFirst, sources: ["source", "E21"]},
  {name: "Fwd URG Flags", name2017: "Fwd URG Flags", type: "BIGINT", unit: "packets", sql: count("x.src_urg_count"), formula: "src_urg_count", original: onlyFirst, sources: ["source", "E21"]},
  {name: "Bwd URG Flags", name2017: "Bwd URG Flags", type: "BIGINT", unit: "packets", sql: count("x.dst_urg_count"), formula: "dst_urg_count", original: onlyFirst, sources: ["source", "E21"]},
  {
    name: "Fwd Header Length",
    name2017: "Fwd Header Length",
    type: "BIGINT",
    unit: "bytes",
    sql: headers("src"),
    formula: "src_ip_bytes − src_payload_bytes − IP headers: of the transport alone",
    original: "0 for all but TCP and UDP. Files of CICIDS2017 have this column twice.",
    sources: ["source"],
    missing: transportHeader
  },
  {
    name: "Bwd Header Length",
    name2017: "Bwd Header Length",
    type: "BIGINT",
    unit: "bytes",
    sql: headers("dst"),
    formula: "dst_ip_bytes − dst_payload_bytes − IP headers: of the transport alone",
    original: "0 for all but TCP and UDP.",
    sources: ["source"],
    missing: transportHeader
  },
  {name: "Fwd Packets/s", name2017: "Fwd Packets/s", type: "DOUBLE", unit: "1/s", sql: rate("f.src_pkts"), formula: "src_pkts / duration; 0 where that is 0"},
  {name: "Bwd Packets/s", name2017: "Bwd Packets/s", type: "DOUBLE", unit: "1/s", sql: rate("f.dst_pkts"), formula: "dst_pkts / duration; 0 where that is 0"},
  {name: "Packet Length Min", name2017: "Min Packet Length", type: "BIGINT", unit: "bytes", sql: count("x.payload_min_bytes"), formula: "payload_min_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Packet Length Max", name2017: "Max Packet Length", type: "BIGINT", unit: "bytes", sql: count("x.payload_max_bytes"), formula: "payload_max_bytes", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Packet Length Mean", name2017: "Packet Length Mean", type: "DOUBLE", unit: "bytes", sql: perPacket(payload, packets), formula: "payload of both sides / packets", original: firstTwice, sources: ["source", "fixed"], corrected: icmpPayload},
  {name: "Packet Length Std", name2017: "Packet Length Std", type: "DOUBLE", unit: "bytes", sql: double("payload_std_bytes"), formula: "payload_std_bytes", original: firstTwice, sources: ["source", "fixed"], corrected: icmpPayload},
  {name: "Packet Length Variance", name2017: "Packet Length Variance", type: "DOUBLE", unit: "bytes²", sql: `${double("payload_std_bytes")} * x.payload_std_bytes`, formula: "payload_std_bytes²", original: firstTwice, sources: ["source", "fixed"], corrected: icmpPayload},
  {name: "FIN Flag Count", name2017: "FIN Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_fin_count + x.dst_fin_count"), formula: "src_fin_count + dst_fin_count", original: "At most one per side: a repeated FIN is dropped.", sources: ["source", "E21"]},
  {name: "SYN Flag Count", name2017: "SYN Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_syn_count + x.dst_syn_count"), formula: "src_syn_count + dst_syn_count"},
  {name: "RST Flag Count", name2017: "RST Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_rst_count + x.dst_rst_count"), formula: "src_rst_count + dst_rst_count", original: "Versions before July 2021 do not end a flow by RST.", sources: ["source", "E21"]},
  {name: "PSH Flag Count", name2017: "PSH Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_psh_count + x.dst_psh_count"), formula: "src_psh_count + dst_psh_count"},
  {name: "ACK Flag Count", name2017: "ACK Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_ack_count + x.dst_ack_count"), formula: "src_ack_count + dst_ack_count"},
  {name: "URG Flag Count", name2017: "URG Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_urg_count + x.dst_urg_count"), formula: "src_urg_count + dst_urg_count"},
  {name: "CWR Flag Count", name2017: "CWE Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_cwr_count + x.dst_cwr_count"), formula: "src_cwr_count + dst_cwr_count"},
  {name: "ECE Flag Count", name2017: "ECE Flag Count", type: "BIGINT", unit: "packets", sql: count("x.src_ece_count + x.dst_ece_count"), formula: "src_ece_count + dst_ece_count"},
  {name: "Down/Up Ratio", name2017: "Down/Up Ratio", type: "DOUBLE", sql: perPacket("f.dst_pkts", "f.src_pkts"), formula: "dst_pkts / src_pkts; 0 without src_pkts", original: "Divides whole numbers: 3 to 2 gives 1 (corrected in 4b28b62).", sources: ["source", "fixed"]},
  {name: "Average Packet Size", name2017: "Average Packet Size", type: "DOUBLE", unit: "bytes", sql: perPacket(payload, packets), formula: "payload of both sides / packets", original: `${firstTwice} (The sum alone, so that it exceeds Packet Length Mean.)`, sources: ["source", "fixed"], corrected: icmpPayload},
  {name: "Fwd Segment Size Avg", name2017: "Avg Fwd Segment Size", type: "DOUBLE", unit: "bytes", sql: perPacket("f.src_payload_bytes", "f.src_pkts"), formula: "src_payload_bytes / src_pkts: Fwd Packet Length Mean again", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Bwd Segment Size Avg", name2017: "Avg Bwd Segment Size", type: "DOUBLE", unit: "bytes", sql: perPacket("f.dst_payload_bytes", "f.dst_pkts"), formula: "dst_payload_bytes / dst_pkts: Bwd Packet Length Mean again", original: bytesNote, sources: ["source"], corrected: icmpPayload},
  {name: "Fwd Bytes/Bulk Avg", name2017: "Fwd Avg Bytes/Bulk", type: "DOUBLE", unit: "bytes", sql: double("src_bulk_mean_bytes"), formula: "src_bulk_mean_bytes", original: bulk, sources: ["source", "fixed"]},
  {name: "Fwd Packet/Bulk Avg", name2017: "Fwd Avg Packets/Bulk", type: "DOUBLE", unit: "packets", sql: double("src_bulk_mean_packets"), formula: "src_bulk_mean_packets", original: bulk, sources: ["source", "fixed"]},
  {name: "Fwd Bulk Rate Avg", name2017: "Fwd Avg Bulk Rate", type: "DOUBLE", unit: "bytes/s", sql: double("src_bulk_bytes_per_s"), formula: "src_bulk_bytes_per_s", original: bulk, sources: ["source", "fixed"]},
  {name: "Bwd Bytes/Bulk Avg", name2017: "Bwd Avg Bytes/Bulk", type: "DOUBLE", unit: "bytes", sql: double("dst_bulk_mean_bytes"), formula: "dst_bulk_mean_bytes", original: bulk, sources: ["source", "fixed"]},
  {name: "Bwd Packet/Bulk Avg", name2017: "Bwd Avg Packets/Bulk", type: "DOUBLE", unit: "packets", sql: double("dst_bulk_mean_packets"), formula: "dst_bulk_mean_packets", original: bulk, sources: ["source", "fixed"]},
  {name: "Bwd Bulk Rate Avg", name2017: "Bwd Avg Bulk Rate", type: "DOUBLE", unit: "bytes/s", sql: double("dst_bulk_bytes_per_s"), formula: "dst_bulk_bytes_per_s", original: bulk, sources: ["source", "fixed"]},
  {name: "Subflow Fwd Packets", name2017: "Subflow Fwd Packets", type: "DOUBLE", unit: "packets", sql: "CAST(f.src_pkts AS DOUBLE) / x.subflows", formula: "src_pkts / subflows", original: subflow, sources: ["source", "fixed"], corrected: "Divided by the silences, not by silences + 1; 0 without one."},
  {name: "Subflow Fwd Bytes", name2017: "Subflow Fwd Bytes", type: "DOUBLE", unit: "bytes", sql: "CAST(f.src_payload_bytes AS DOUBLE) / x.subflows", formula: "src_payload_bytes / subflows", original: subflow, sources: ["source", "fixed"], corrected: "Divided by the silences, not by silences + 1; 0 without one."},
  {name: "Subflow Bwd Packets", name2017: "Subflow Bwd Packets", type: "DOUBLE", unit: "packets", sql: "CAST(f.dst_pkts AS DOUBLE) / x.subflows", formula: "dst_pkts / subflows", original: subflow, sources: ["source", "fixed"], corrected: "Divided by the silences, not by silences + 1; 0 without one."},
  {name: "Subflow Bwd Bytes", name2017: "Subflow Bwd Bytes", type: "DOUBLE", unit: "bytes", sql: "CAST(f.dst_payload_bytes AS DOUBLE) / x.subflows", formula: "dst_payload_bytes / subflows", original: subflow, sources: ["source", "fixed"], corrected: "Divided by the silences, not by silences + 1; 0 without one."},
  {name: "FWD Init Win Bytes", name2017: "Init_Win_bytes_forward", type: "BIGINT", unit: "bytes", sql: count("x.src_init_window_bytes"), formula: "src_init_window_bytes; -1 without a segment, as in CICIDS2017", original: "0 without a segment; -1 in CICIDS2017.", sources: ["source"], corrected: "0 without a segment."},
  {
    name: "Bwd Init Win Bytes",
    name2017: "Init_Win_bytes_backward",
    type: "BIGINT",
    unit: "bytes",
    sql: count("x.dst_init_window_bytes"),
    formula: "dst_init_window_bytes; -1 without a segment, as in CICIDS2017",
    original: "The window of the last segment, not of the first (corrected in 2ad81fd).",
    sources: ["source", "fixed"]
  },
  {name: "Fwd Act Data Pkts", name2017: "act_data_pkt_fwd", type: "BIGINT", unit: "packets", sql: count("x.src_data_packets"), formula: "src_data_packets", original: "Without the first packet of the flow.", sources: ["source", "fixed"], corrected: icmpPayload},
  {
    name: "Fwd Seg Size Min",
    name2017: "min_seg_size_forward",
    type: "BIGINT",
    unit: "bytes",
    sql: `CAST(GREATEST(0, x.src_header_min_bytes - ${ipHeader}) AS BIGINT)`,
    formula: "src_header_min_bytes − IP header: the smallest transport header, whatever its name says",
    original: "0 for all but TCP and UDP.",
    sources: ["source"],
    missing: transportHeader
  },
  {
    name: "Active Mean",
    name2017: "Active Mean",
    type: "DOUBLE",
    unit: "µs",
    sql: beforeIdle("active_mean_s"),
    formula: "active_mean_s",
    original: "Versions before June 2020 wrote absolute times.",
    sources: ["source", "fixed", "E21"],
    corrected: "The last run of packets is left out, and so are runs of one packet.",
    missing: active
  },
  {
    name: "Active Std",
    name2017: "Active Std",
    type: "DOUBLE",
    unit: "µs",
    sql: beforeIdle("active_std_s"),
    formula: "active_std_s",
    original: "Versions before June 2020 took absolute times.",
    sources: ["source", "fixed", "E21"],
    corrected: "The last run of packets is left out, and so are runs of one packet.",
    missing: active
  },
  {
    name: "Active Max",
    name2017: "Active Max",
    type: "DOUBLE",
    unit: "µs",
    sql: beforeIdle("active_max_s"),
    formula: "active_max_s",
    original: "Versions before June 2020 wrote absolute times.",
    sources: ["source", "fixed", "E21"],
    corrected: "The last run of packets is left out, and so are runs of one packet.",
    missing: active
  },
  {
    name: "Active Min",
    name2017: "Active Min",
    type: "DOUBLE",
    unit: "µs",
    sql: beforeIdle("active_min_s"),
    formula: "active_min_s",
    original: "Versions before June 2020 wrote absolute times.",
    sources: ["source", "fixed", "E21"],
    corrected: "The last run of packets is left out, and so are runs of one packet.",
    missing: active
  },
  {name: "Idle Mean", name2017: "Idle Mean", type: "DOUBLE", unit: "µs", sql: us("idle_mean_s"), formula: "idle_mean_s", original: "Versions before June 2020 wrote absolute times.", sources: ["source", "fixed", "E21"]},
  {name: "Idle Std", name2017: "Idle Std", type: "DOUBLE", unit: "µs", sql: us("idle_std_s"), formula: "idle_std_s", original: "Versions before June 2020 took absolute times.", sources: ["source", "fixed", "E21"]},
  {name: "Idle Max", name2017: "Idle Max", type: "DOUBLE", unit: "µs", sql: wholeUs("idle_max_s"), formula: "idle_max_s", original: "Versions before June 2020 wrote absolute times.", sources: ["source", "fixed", "E21"]},
  {name: "Idle Min", name2017: "Idle Min", type: "DOUBLE", unit: "µs", sql: wholeUs("idle_min_s"), formula: "idle_min_s", original: "Versions before June 2020 wrote absolute times.", sources: ["source", "fixed", "E21"]}
];

/** The 77 features: Dst Port and the statistics, which are the distinct features of the published files of CICIDS2017. */
export const cicFeatures: readonly CicColumn[] = [...cicKeys.filter(({name}) => name === "Dst Port"), ...cicStatistics];

/** Last column of the files; as in CICFlowMeter's own, it waits for who knows the flows. */
export const cicLabel: CicColumn = {name: "Label", name2017: "Label", type: "VARCHAR", sql: "'NeedManualLabel'", formula: "always NeedManualLabel, as in CICFlowMeter; verdicts are in the table verdicts"};

/** All columns of a file, in its order. */
export const cicColumns: readonly CicColumn[] = [...cicKeys, ...cicStatistics, cicLabel];
