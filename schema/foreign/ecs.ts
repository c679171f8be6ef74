import {caseOf, flows, foreignView, isIpv6, isPrivate, portOf} from "./foreign-view.ts";

const transports = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 58: "ipv6-icmp", 132: "sctp"};

/** Inside or outside of private address space, seen from a sensor at the border. */
const direction = `CASE WHEN ${isPrivate("f.src_ip")} AND ${isPrivate("f.dst_ip")} THEN 'internal' WHEN ${isPrivate("f.src_ip")} THEN 'outbound' WHEN ${isPrivate("f.dst_ip")} THEN 'inbound' ELSE 'external' END`;
const began = "CASE WHEN f.proto <> 6 OR starts_with(f.history, 'S') OR starts_with(f.history, '^S') THEN ['start'] ELSE [] END";
const ended = "CASE f.end_reason WHEN 'fin' THEN ['end'] WHEN 'rst' THEN ['end'] WHEN 'idle' THEN ['end'] ELSE [] END";

/** The version whose fields these are; all are in every 8.x and 9.x. */
export const ecsVersion = "8.11.0";

const name = "coalesce(f.server_name, f.dns_name)";

/** Flows in the fields of the Elastic Common Schema, names with points, which Elasticsearch takes for objects. */
export const ecs = foreignView({
  name: "ecs",
  doc: `Flows in the fields of the Elastic Common Schema (${ecsVersion}). The points in the names are what Elasticsearch makes objects of.`,
  from: flows,
  order: '"@timestamp"',
  columns: [
    {name: "@timestamp", type: "TIMESTAMP", sql: "f.ts_start", doc: "`ts_start`."},
    {name: "ecs.version", type: "VARCHAR", sql: `'${ecsVersion}'`, doc: "The schema's version."},
    {name: "event.kind", type: "VARCHAR", sql: "'event'", doc: "event."},
    {name: "event.category", type: "VARCHAR[]", sql: "['network']", doc: "network."},
    {name: "event.type", type: "VARCHAR[]", sql: `list_concat(['connection'], ${began}, ${ended})`, doc: "connection; start where its beginning was captured, end where it ended before the capture."},
    {name: "event.action", type: "VARCHAR", sql: "'network_flow'", doc: "network_flow, as Packetbeat names it."},
    {name: "event.dataset", type: "VARCHAR", sql: "'flowbook.flow'", doc: "flowbook.flow."},
    {name: "event.module", type: "VARCHAR", sql: "'flowbook'", doc: "flowbook."},
    {name: "event.id", type: "VARCHAR", sql: "CAST(f.flow_id AS VARCHAR)", doc: "`flow_id`."},
    {name: "event.start", type: "TIMESTAMP", sql: "f.ts_start", doc: "`ts_start`."},
    {name: "event.end", type: "TIMESTAMP", sql: "f.ts_end", doc: "`ts_end`."},
    {name: "event.duration", type: "BIGINT", sql: "f.duration_us * 1000", doc: "Nanoseconds."},
    {name: "event.reason", type: "VARCHAR", sql: "f.end_reason", doc: "`end_reason`."},
    {name: "network.type", type: "VARCHAR", sql: `CASE WHEN ${isIpv6} THEN 'ipv6' ELSE 'ipv4' END`, doc: "ipv4 or ipv6."},
    {name: "network.iana_number", type: "VARCHAR", sql: "f.proto", doc: "`proto`, a keyword in ECS."},
    {name: "network.transport", type: "VARCHAR", sql: caseOf("f.proto", transports), doc: "tcp, udp, icmp, ipv6-icmp, sctp …", nullable: true},
    {name: "network.protocol", type: "VARCHAR", sql: "f.service", doc: "`service`.", nullable: true},
    {name: "network.direction", type: "VARCHAR", sql: direction, doc: "internal, outbound, inbound or external, by private addresses."},
    {name: "network.bytes", type: "BIGINT", sql: "f.src_wire_bytes + f.dst_wire_bytes", doc: "Frame lengths of both sides."},
    {name: "network.packets", type: "BIGINT", sql: "f.src_pkts + f.dst_pkts", doc: "Packets of both sides."},
    {name: "network.community_id", type: "VARCHAR", sql: "f.community_id", doc: "`community_id`."},
    {name: "network.vlan.id", type: "VARCHAR", sql: "f.vlan", doc: "`vlan`.", nullable: true},
    {name: "network.inner.vlan.id", type: "VARCHAR", sql: "f.vlan_inner", doc: "`vlan_inner`.", nullable: true},
    {name: "source.address", type: "VARCHAR", sql: "f.src_ip", doc: "`src_ip`."},
    {name: "source.ip", type: "VARCHAR", sql: "f.src_ip", doc: "`src_ip`."},
    {name: "source.port", type: "INTEGER", sql: portOf("src_port"), doc: "`src_port` of TCP, UDP, SCTP.", nullable: true},
    {name: "source.bytes", type: "BIGINT", sql: "f.src_wire_bytes", doc: "`src_wire_bytes`."},
    {name: "source.packets", type: "BIGINT", sql: "f.src_pkts", doc: "`src_pkts`."},
    {name: "destination.address", type: "VARCHAR", sql: "f.dst_ip", doc: "`dst_ip`."},
    {name: "destination.ip", type: "VARCHAR", sql: "f.dst_ip", doc: "`dst_ip`."},
    {name: "destination.port", type: "INTEGER", sql: portOf("dst_port"), doc: "`dst_port` of TCP, UDP, SCTP.", nullable: true},
    {name: "destination.domain", type: "VARCHAR", sql: name, doc: "`server_name`, else `dns_name`.", nullable: true},
    {name: "destination.bytes", type: "BIGINT", sql: "f.dst_wire_bytes", doc: "`dst_wire_bytes`."},
    {name: "destination.packets", type: "BIGINT", sql: "f.dst_pkts", doc: "`dst_pkts`."},
    {name: "related.ip", type: "VARCHAR[]", sql: "list_distinct([f.src_ip, f.dst_ip])", doc: "Both addresses."},
    {name: "tls.client.server_name", type: "VARCHAR", sql: "CASE WHEN f.service IN ('tls', 'dtls', 'quic') THEN f.server_name END", doc: "`server_name` of TLS and QUIC.", nullable: true}
  ]
});
