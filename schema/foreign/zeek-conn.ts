import {foreignView, isPrivate} from "./foreign-view.ts";
import {zeekHead, zeekProto, zeekService} from "./zeek-names.ts";

const lasted = (value: string) => `CASE WHEN f.duration_us > 0 THEN ${value} END`;

/** Flows as Zeek's conn.log has them, with the columns of its scripts for Community IDs and VLANs. */
export const zeekConn = foreignView({
  name: "zeek_conn",
  doc: "Flows in the names of Zeek's conn.log, in its order; `community_id`, `vlan` and `inner_vlan` are those of Zeek's scripts of that name.",
  from: "flows AS f LEFT JOIN features AS x ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256",
  order: "ts",
  columns: [
    ...zeekHead("f.ts_start"),
    {name: "proto", type: "VARCHAR", sql: zeekProto, doc: "tcp, udp, icmp (of both versions) or unknown_transport."},
    {name: "service", type: "VARCHAR", sql: zeekService, doc: "One service, in Zeek's word for it; Zeek lists all that it met in the flow.", nullable: true},
    {name: "duration", type: "DOUBLE", sql: lasted("f.duration_us / 1e6"), doc: "Seconds; as in Zeek NULL of a single packet. Zeek leaves the last ACK of a closed connection out.", nullable: true},
    {name: "orig_bytes", type: "BIGINT", sql: lasted("f.src_payload_bytes"), doc: "`src_payload_bytes`: captured. Zeek counts TCP by sequence numbers, so with it bytes that were missed count, and those sent again do not. NULL of a single packet.", nullable: true},
    {name: "resp_bytes", type: "BIGINT", sql: lasted("f.dst_payload_bytes"), doc: "`dst_payload_bytes`, likewise.", nullable: true},
    {name: "conn_state", type: "VARCHAR", sql: "f.conn_state", doc: "`conn_state`."},
    {name: "local_orig", type: "BOOLEAN", sql: isPrivate("f.src_ip"), doc: "Whether the address is in Zeek's private address space."},
    {name: "local_resp", type: "BOOLEAN", sql: isPrivate("f.dst_ip"), doc: "Likewise."},
    {name: "missed_bytes", type: "BIGINT", sql: "x.src_missing_bytes + x.dst_missing_bytes", doc: "Bytes that were acknowledged and not captured.", nullable: true},
    {name: "history", type: "VARCHAR", sql: "f.history", doc: "`history`."},
    {name: "orig_pkts", type: "BIGINT", sql: "f.src_pkts", doc: "`src_pkts`."},
    {name: "orig_ip_bytes", type: "BIGINT", sql: "f.src_ip_bytes", doc: "`src_ip_bytes`."},
    {name: "resp_pkts", type: "BIGINT", sql: "f.dst_pkts", doc: "`dst_pkts`."},
    {name: "resp_ip_bytes", type: "BIGINT", sql: "f.dst_ip_bytes", doc: "`dst_ip_bytes`."},
    {name: "tunnel_parents", type: "VARCHAR", sql: "NULL", doc: "Always NULL: a tunnel is no flow of its own; see `tunnel` of flows.", nullable: true},
    {name: "ip_proto", type: "INTEGER", sql: "f.proto", doc: "`proto`."},
    {name: "community_id", type: "VARCHAR", sql: "f.community_id", doc: "`community_id`."},
    {name: "vlan", type: "INTEGER", sql: "f.vlan", doc: "`vlan`.", nullable: true},
    {name: "inner_vlan", type: "INTEGER", sql: "f.vlan_inner", doc: "`vlan_inner`.", nullable: true}
  ]
});
