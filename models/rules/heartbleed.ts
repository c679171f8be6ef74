import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  excess: number;
  answered: number;
};

const limits = {
  excess: {
    value: 1,
    unit: "bytes",
    doc: "Bytes that a heartbeat request says to carry beyond what it does: none in one that keeps to RFC 6520"
  }
} as const;

/** Heartbleed (CVE-2014-0160): heartbeats that ask for more than they bring, which a faulty OpenSSL answers with its memory. */
export const heartbleed = defineRule<typeof limits, Row>({
  name: "heartbleed",
  doc: "A client reads a TLS server's memory by a heartbeat that asks for more than it carries.",
  blindTo:
    "Heartbeats behind the handshake, which are encrypted; whether secrets were among what came back. Vulnerability scanners of one's own, and tests of TLS libraries, look the same.",
  attackTechnique: "T1190",
  severity: "high",
  limits,
  tables: ["flows", "tls"],
  startsFrom: {tls: "heartbeat_excess > 0"},
  countedFlows: "f.service = 'tls'",
  query: (scope, {excess}) => `
    SELECT t.capture_sha256, f.src_ip, f.dst_ip, f.dst_port, min(t.ts) AS ts_start, max(f.ts_end) AS ts_end, count(DISTINCT t.flow_id) AS flows,
      max(t.heartbeat_excess) AS excess, max(f.dst_payload_bytes) AS answered
    FROM ${scope.rows("tls")} t JOIN ${scope.rows("flows")} f ON t.flow_id = f.flow_id AND t.capture_sha256 = f.capture_sha256
    WHERE t.heartbeat_excess >= ${excess.value}
    GROUP BY t.capture_sha256, f.src_ip, f.dst_ip, f.dst_port`,
  incidents: (rows, {excess}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} asked ${row.dst_ip} port ${row.dst_port} by TLS heartbeats for memory of the server (Heartbleed).`,
      reasons: [
        atLeast("asked for beyond what was carried", row.excess, excess),
        fact("answered over one connection at most", row.answered, "bytes")
      ]
    }))
});
