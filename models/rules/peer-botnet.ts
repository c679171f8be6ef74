import {inNetworks} from "./addresses.ts";
import {extent, grouped} from "./merge.ts";
import {peerServices} from "./peer-services.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, atMost, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  src_port: number;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  is_answered: number;
};

const limits = {
  peers: {
    value: 50,
    unit: "hosts",
    doc: "Foreign hosts, looked up by no name, to which one UDP socket of a host speaks by an unknown protocol, above port 1023 on both sides"
  },
  answered: {
    value: 0.34,
    unit: "of the hosts",
    doc: "Share of them that answer at most: a list of infected machines is old, and most of those are off; networks of peers keep those that answer"
  },
  sent: {value: 150, unit: "bytes", doc: "Mean payload of what it sends at most"}
} as const;

/** Networks of infected hosts that know one another by lists of addresses: Sality, ZeroAccess, Hide'N'Seek. */
export const peerBotnet = defineRule<typeof limits, Row>({
  name: "peer_botnet",
  doc: "A host sends small messages by an unknown protocol over UDP to many foreign hosts, few of which answer.",
  blindTo:
    "Networks whose peers mostly answer (Gameover), that speak BitTorrent's table (Mozi, Hajime) or TCP; a host that is a known network's peer as well. A peer of an unknown network, or a game that looks for its servers, looks the same where most are gone.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 17 AND service IS NULL AND src_port >= 1024 AND dst_port >= 1024 AND dst_pkts = 0"},
  judgesOpen: true,
  countedFlows: "f.proto = 17 AND f.service IS NULL",
  query: (scope, {peers, sent}) => `
    WITH spoken AS (SELECT capture_sha256, src_ip, src_port, dst_ip, ts_start, ts_end, src_pkts, dst_pkts, src_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto = 17 AND service IS NULL AND dns_name IS NULL AND src_port >= 1024 AND dst_port >= 1024 AND src_payload_bytes > 0),
    sockets AS (SELECT capture_sha256, src_ip, src_port FROM spoken GROUP BY capture_sha256, src_ip, src_port
      HAVING count(DISTINCT dst_ip) >= ${peers.value} AND sum(src_payload_bytes) <= ${sent.value} * sum(src_pkts)),
    known AS (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} p WHERE service IN (${peerServices.map((name) => `'${name}'`).join(", ")}))
    SELECT s.capture_sha256, s.src_ip, s.src_port, s.dst_ip, min(s.ts_start) AS ts_start, max(s.ts_end) AS ts_end, count(*) AS flows, max(CASE WHEN s.dst_pkts > 0 THEN 1 ELSE 0 END) AS is_answered
    FROM spoken s JOIN sockets o ON o.capture_sha256 = s.capture_sha256 AND o.src_ip = s.src_ip AND o.src_port = s.src_port
      LEFT JOIN known k ON k.capture_sha256 = s.capture_sha256 AND k.src_ip = s.src_ip
    WHERE k.src_ip IS NULL GROUP BY s.capture_sha256, s.src_ip, s.src_port, s.dst_ip`,
  incidents: (rows, {peers, answered}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const outward = rows.filter(({src_ip, dst_ip}) => isLocal(src_ip) && !isLocal(dst_ip));
    return [...grouped(outward, (row) => `${row.capture_sha256} ${row.src_ip} ${row.src_port}`).values()].flatMap(
      (hosts) => {
        const [{capture_sha256, src_ip, src_port}] = hosts;
        const share = hosts.reduce((sum, {is_answered}) => sum + is_answered, 0) / hosts.length;
        if (hosts.length < peers.value || share > answered.value) return [];
        const time = extent(hosts);
        return [
          {
            capture_sha256,
            ...time,
            src_ip,
            dst_ip: null,
            dst_port: null,
            flows: hosts.reduce((sum, {flows}) => sum + flows, 0),
            summary: `${src_ip} sent small messages of an unknown protocol from UDP port ${src_port} to ${amount(hosts.length)} foreign hosts in ${span(time.ts_end - time.ts_start)}.`,
            reasons: [
              atLeast("foreign hosts", hosts.length, peers),
              atMost("share that answered", share, answered),
              fact("port", src_port)
            ]
          }
        ];
      }
    );
  },
  yieldsTo: (incident, other) => other.rule === "port_scan" && other.src_ip === incident.src_ip
});
