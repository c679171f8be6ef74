import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  packets: number;
  bytes: number;
  rate: number;
};

const limits = {
  connections: {
    value: 5,
    unit: "connections",
    doc: "Connections of one client to one service, within a session, that carry much of no protocol and that the service answers by nothing but acknowledgements"
  },
  each: {value: 5000, unit: "bytes", doc: "Payload of each of them at least"},
  rate: {value: 50, unit: "packets/s", doc: "Least mean rate of the client's packets in all of them"},
  gap: {value: 10, unit: "s", doc: "A session ends when no such connection begins for so long"}
} as const;

/** Ports whose services speak known protocols and answer. */
const ports = [21, 22, 25, 53, 80, 110, 143, 443, 3389, 8080, 8443];

/** A flood of connections that carry garbage (LOIC and HOIC by TCP, Mirai's `stomp` and `tcpraw`): no request is among it. */
export const garbageFlood = defineRule<typeof limits, Row>({
  name: "garbage_flood",
  doc: "A client fills several connections to one service with what is no protocol, and gets no answer.",
  blindTo:
    "Garbage that the server answers by an error; services at other ports; fewer connections at a time. A program that sends its own protocol, one way, to such a port looks the same.",
  attackTechnique: "T1499.002",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {
    flows: "proto = 6 AND service IS NULL AND dst_payload_bytes = 0 AND src_payload_bytes >= 5000 AND dst_pkts > 0"
  },
  judgesOpen: true,
  countedFlows: "f.proto = 6 AND f.service IS NULL AND f.dst_payload_bytes = 0",
  query: (scope, {connections, each, rate, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, sum(src_pkts) AS packets, sum(src_payload_bytes) AS bytes,
        sum(src_pkts) * 1000e0 / greatest(1000, max(end_ms) - min(at_ms)) AS rate
      FROM ${sessions(
        scope.dialect,
        `(SELECT f.*, ${scope.dialect.epochMs("ts_end")} AS end_ms FROM ${scope.rows("flows")} f
          WHERE proto = 6 AND service IS NULL AND dst_payload_bytes = 0 AND dst_pkts > 0 AND src_payload_bytes >= ${each.value} AND history LIKE 'Sh%' AND dst_port IN (${ports.join(", ")}))`,
        ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session) g
    WHERE flows >= ${connections.value} AND rate >= ${rate.value}`,
  incidents: (rows, {connections, rate}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} filled ${counted(row.flows, "connection")} to ${row.dst_ip} port ${row.dst_port} with ${amount(row.bytes)} bytes of no protocol in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("connections without an answer", row.flows, connections),
        atLeast("mean rate", row.rate, rate),
        fact("sent", row.bytes, "bytes")
      ]
    }))
});
