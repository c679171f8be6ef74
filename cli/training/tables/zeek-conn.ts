import {sums, type TableFormat} from "./format.ts";

const pair = "id_orig_h, id_resp_h";
const upToNow = (by: string) => `(PARTITION BY ${by} ORDER BY ts RANGE BETWEEN 5 PRECEDING AND CURRENT ROW)`;
const flowsBefore = (by: string) => `count(*) OVER ${upToNow(by)} - 1`;
/** Distinct values in the 5 s before, its own row left out: EXCLUDE CURRENT ROW would make the engine count each frame anew. */
const distinctBefore = (value: string, by: string) =>
  `count(DISTINCT ${value}) OVER ${upToNow(by)} - CASE WHEN count(${value}) OVER ${upToNow(`${by}, ${value}`)} = 1 THEN 1 ELSE 0 END`;
const last = (by: string) => `(PARTITION BY ${by} ORDER BY ts ROWS BETWEEN 15 PRECEDING AND 1 PRECEDING)`;

/** Zeek's conn.log with labels, as IoT-23 has it: TSV, CSV or JSON. It names hosts and times, so that context can be computed. */
export const zeekConn: TableFormat = {
  name: "Zeek conn.log",
  marks: ["id_orig_h", "id_resp_h", "orig_pkts", "resp_pkts"],
  features: {
    ...sums({
      duration: "coalesce(duration, 0)",
      srcPackets: "orig_pkts",
      dstPackets: "resp_pkts",
      srcPayload: "coalesce(orig_bytes, 0)",
      dstPayload: "coalesce(resp_bytes, 0)"
    }),
    src_header_sum_bytes: "greatest(0, orig_ip_bytes - coalesce(orig_bytes, 0))",
    dst_header_sum_bytes: "greatest(0, resp_ip_bytes - coalesce(resp_bytes, 0))",
    ctx_src_flows: flowsBefore("id_orig_h"),
    ctx_src_ports: distinctBefore("id_resp_p", "id_orig_h"),
    ctx_src_hosts: distinctBefore("id_resp_h", "id_orig_h"),
    ctx_dst_flows: flowsBefore("id_resp_h"),
    ctx_dst_sources: distinctBefore("id_orig_h", "id_resp_h"),
    ctx_dst_port_sources: distinctBefore("id_orig_h", "id_resp_h, id_resp_p"),
    ctx_pair_flows: flowsBefore(pair),
    ctx_pair_port_flows: flowsBefore(`${pair}, id_resp_p`),
    ctx_last_src_ports: `count(DISTINCT id_resp_p) OVER ${last("id_orig_h")}`,
    ctx_last_src_hosts: `count(DISTINCT id_resp_h) OVER ${last("id_orig_h")}`,
    ctx_last_dst_sources: `count(DISTINCT id_orig_h) OVER ${last("id_resp_h")}`
  },
  protocol: "CASE proto WHEN 'tcp' THEN 6 WHEN 'udp' THEN 17 WHEN 'icmp' THEN 1 END",
  labels: [
    "CASE WHEN lower(label) LIKE 'malicious%' THEN coalesce(nullif(nullif(detailed_label, '-'), '(empty)'), label) ELSE label END",
    "CASE WHEN lower(label) LIKE 'malicious%' THEN coalesce(nullif(nullif(detailedlabel, '-'), '(empty)'), label) ELSE label END",
    "label"
  ]
};
