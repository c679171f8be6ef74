import {caseOf, foreignView, isIpv6, portOf} from "./foreign-view.ts";

const of4 = (column: string) => `CASE WHEN NOT ${isIpv6} THEN f.${column} END`;
const of6 = (column: string) => `CASE WHEN ${isIpv6} THEN f.${column} END`;

/** TCP's flags as the bits of its header, from the counts of segments that had them. */
const flagBits = (side: string) => `CASE WHEN f.proto = 6 THEN ${["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"].map((flag, bit) => `CASE WHEN x.${side}_${flag}_count > 0 THEN ${1 << bit} ELSE 0 END`).join(" + ")} END`;

const endReasons = {idle: 1, active: 2, fin: 3, rst: 3, reuse: 3, end: 4, evicted: 5};

/** Flows in IANA's names of IPFIX information elements, both directions in one record (RFC 5103). */
export const ipfix = foreignView({
  name: "ipfix",
  doc: "Flows in the names of IPFIX information elements (IANA); elements of the other direction have the prefix reverse (RFC 5103).",
  from: "flows AS f LEFT JOIN features AS x ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256",
  order: '"flowStartMicroseconds"',
  columns: [
    {name: "flowStartMicroseconds", type: "TIMESTAMP", sql: "f.ts_start", doc: "154: `ts_start`."},
    {name: "flowEndMicroseconds", type: "TIMESTAMP", sql: "f.ts_end", doc: "155: `ts_end`."},
    {name: "flowDurationMicroseconds", type: "BIGINT", sql: "f.duration_us", doc: "162: `duration_us`."},
    {name: "ipVersion", type: "INTEGER", sql: `CASE WHEN ${isIpv6} THEN 6 ELSE 4 END`, doc: "60."},
    {name: "sourceIPv4Address", type: "VARCHAR", sql: of4("src_ip"), doc: "8: `src_ip`.", nullable: true},
    {name: "destinationIPv4Address", type: "VARCHAR", sql: of4("dst_ip"), doc: "12: `dst_ip`.", nullable: true},
    {name: "sourceIPv6Address", type: "VARCHAR", sql: of6("src_ip"), doc: "27: `src_ip`.", nullable: true},
    {name: "destinationIPv6Address", type: "VARCHAR", sql: of6("dst_ip"), doc: "28: `dst_ip`.", nullable: true},
    {name: "protocolIdentifier", type: "INTEGER", sql: "f.proto", doc: "4: `proto`."},
    {name: "sourceTransportPort", type: "INTEGER", sql: portOf("src_port"), doc: "7: `src_port` of TCP, UDP, SCTP.", nullable: true},
    {name: "destinationTransportPort", type: "INTEGER", sql: portOf("dst_port"), doc: "11: `dst_port` of TCP, UDP, SCTP.", nullable: true},
    {name: "icmpTypeIPv4", type: "INTEGER", sql: "CASE WHEN f.proto = 1 THEN f.src_port END", doc: "176: type of ICMP.", nullable: true},
    {name: "icmpTypeIPv6", type: "INTEGER", sql: "CASE WHEN f.proto = 58 THEN f.src_port END", doc: "178: type of ICMPv6.", nullable: true},
    {name: "dot1qVlanId", type: "INTEGER", sql: "f.vlan", doc: "243: `vlan`.", nullable: true},
    {name: "dot1qCustomerVlanId", type: "INTEGER", sql: "f.vlan_inner", doc: "245: `vlan_inner`.", nullable: true},
    {name: "packetDeltaCount", type: "BIGINT", sql: "f.src_pkts", doc: "2: `src_pkts`."},
    {name: "reversePacketDeltaCount", type: "BIGINT", sql: "f.dst_pkts", doc: "`dst_pkts`."},
    {name: "octetDeltaCount", type: "BIGINT", sql: "f.src_ip_bytes", doc: "1: `src_ip_bytes`."},
    {name: "reverseOctetDeltaCount", type: "BIGINT", sql: "f.dst_ip_bytes", doc: "`dst_ip_bytes`."},
    {name: "layer2OctetDeltaCount", type: "BIGINT", sql: "f.src_wire_bytes", doc: "352: `src_wire_bytes`."},
    {name: "reverseLayer2OctetDeltaCount", type: "BIGINT", sql: "f.dst_wire_bytes", doc: "`dst_wire_bytes`."},
    {name: "tcpControlBits", type: "INTEGER", sql: flagBits("src"), doc: "6: flags of TCP from the originator, those of all segments in one.", nullable: true},
    {name: "reverseTcpControlBits", type: "INTEGER", sql: flagBits("dst"), doc: "Flags of TCP from the responder.", nullable: true},
    {name: "flowEndReason", type: "INTEGER", sql: caseOf("f.end_reason", endReasons), doc: "136: 1 idle, 2 active, 3 end (fin, rst, reuse), 4 forced (end of the capture), 5 lack of resources (evicted)."},
    {name: "biflowDirection", type: "INTEGER", sql: "1", doc: "239: 1, the source is the initiator."},
    {name: "applicationName", type: "VARCHAR", sql: "f.service", doc: "96: `service`.", nullable: true}
  ]
});
