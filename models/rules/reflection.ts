import {isGroupAddress} from "./addresses.ts";
import {extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  kind: "tcp" | "udp" | "fragments";
  victim: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  reflectors: number;
  packets: number;
  bytes: number;
  ports: number;
  a_port: number;
};

const limits = {
  reflectors: {
    value: 20,
    unit: "hosts",
    doc: "Hosts that send one host answers that nobody asked for, within a session"
  },
  packets: {
    value: 500,
    unit: "packets",
    doc: "Alone enough, from however few hosts: large answers of services that amplify most (DNS, NTP, SNMP, LDAP, SSDP, memcached and others), at the rate below"
  },
  large: {value: 400, unit: "bytes", doc: "Least mean payload of those"},
  bytes: {
    value: 250,
    unit: "bytes",
    doc: "UDP: mean payload of such answers; those of a resolver's name servers, seen from one side, are shorter"
  },
  many: {
    value: 100,
    unit: "hosts",
    doc: "From so many servers on, other than those of names and time, the size of UDP answers does not matter at the rate below"
  },
  udp_rate: {value: 10, unit: "packets/s", doc: "UDP: least mean rate of such answers and of fragments"},
  rate: {value: 100, unit: "packets/s", doc: "From this mean rate on the severity is high"},
  gap: {value: 60, unit: "s", doc: "A session ends when no further answer comes for so long"}
} as const;

/** UDP services that amplify (US-CERT TA14-017A, Shadowserver's reports of open services): their answers are larger than the questions. */
const amplifiers = [
  17, 19, 53, 69, 111, 123, 137, 161, 177, 389, 427, 520, 623, 1194, 1434, 1900, 2362, 3283, 3389, 3478, 3702, 5093,
  5353, 5683, 9987, 10001, 10074, 11211, 17185, 20811, 27015, 27960, 32410, 32414, 33848, 37810, 41794, 47808
];

/** Those of them whose answers are no streams: few of their servers send one host many packets. */
const strongest = [17, 19, 53, 111, 123, 161, 177, 389, 427, 520, 1900, 3283, 3702, 11211, 32414, 33848, 37810];

/**
 * Reflected flood: servers answer somebody who never asked, since another forged his address: SYN-ACKs and resets of TCP
 * services, large answers of UDP services, and fragments of those. The meter takes a service's port for the responder,
 * so an answer alone is a flow without packets of its originator, the victim.
 */
export const reflection = defineRule<typeof limits, Row>({
  name: "reflection",
  doc: "Servers send one host answers that it never asked for, many of them or very many answers.",
  blindTo:
    "Reflection by fewer than twenty servers at less than 100 packets a second; who forged the requests; captures that hold the forged requests as well. A capture of one direction alone, in which connections are refused or large answers come from many servers, looks the same; so do answers to a scan that was sent another way.",
  attackTechnique: "T1498.002",
  severity: "high",
  limits,
  tables: ["flows"],
  judgesOpen: true,
  countedFlows: "(f.src_pkts = 0 OR f.dst_pkts = 0)",
  query: (scope, {reflectors, packets, large, rate, bytes, many, udp_rate, gap}) => `
    WITH unasked AS (
      SELECT capture_sha256, flow_id, ts_start, ts_end, 'tcp' AS kind, src_ip AS victim, dst_ip AS reflector, dst_port AS port, dst_pkts AS packets, dst_payload_bytes AS bytes
      FROM ${scope.rows("flows")} f WHERE proto = 6 AND src_pkts = 0 AND dst_payload_bytes = 0 AND coalesce(regexp_extract(history, '^[\\^]?[hr]+$'), '') <> ''
      UNION ALL
      SELECT capture_sha256, flow_id, ts_start, ts_end, 'tcp', dst_ip, src_ip, src_port, src_pkts, src_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto = 6 AND dst_pkts = 0 AND src_payload_bytes = 0 AND coalesce(regexp_extract(history, '^[HR]+$'), '') <> '' AND history LIKE 'H%'
      UNION ALL
      SELECT capture_sha256, flow_id, ts_start, ts_end, 'udp', src_ip, dst_ip, dst_port, dst_pkts, dst_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto = 17 AND src_pkts = 0 AND dst_port IN (${amplifiers.join(", ")})
      UNION ALL
      SELECT capture_sha256, flow_id, ts_start, ts_end, 'udp', dst_ip, src_ip, src_port, src_pkts, src_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto = 17 AND dst_pkts = 0 AND src_port IN (${amplifiers.join(", ")}) AND dst_port <> src_port
      UNION ALL
      SELECT capture_sha256, flow_id, ts_start, ts_end, 'fragments', dst_ip, src_ip, 0, src_pkts, src_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto = 17 AND dst_pkts = 0 AND src_port = 0 AND dst_port = 0)
    SELECT capture_sha256, kind, victim, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(DISTINCT reflector) AS reflectors,
      sum(packets) AS packets, CAST(sum(bytes) AS DOUBLE) / sum(packets) AS bytes, count(DISTINCT port) AS ports, min(port) AS a_port
    FROM ${sessions(
      scope.dialect,
      `(SELECT u.* FROM unasked u WHERE NOT ${isGroupAddress("victim")})`,
      ["capture_sha256", "victim", "kind"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, kind, victim, session
    HAVING (kind = 'udp' AND min(CASE WHEN port IN (${strongest.join(", ")}) THEN 1 ELSE 0 END) = 1 AND sum(packets) >= ${packets.value} AND sum(bytes) >= ${large.value} * sum(packets)
        AND sum(packets) * 1000 >= ${rate.value} * greatest(1000, max(at_ms) - min(at_ms) + max(${scope.dialect.epochMs("ts_end")} - at_ms)))
      OR (count(DISTINCT reflector) >= ${reflectors.value} AND (kind <> 'udp' OR sum(bytes) >= ${bytes.value} * sum(packets)
        OR (count(DISTINCT reflector) >= ${many.value} AND max(CASE WHEN port IN (53, 123) THEN 1 ELSE 0 END) = 0 AND sum(packets) * 1000 >= ${rate.value} * greatest(1000, max(at_ms) - min(at_ms))))
      AND (kind = 'tcp' OR sum(packets) * 1000 >= ${udp_rate.value} * greatest(1000, max(at_ms) - min(at_ms))))`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.victim}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, victim}] = group;
      const most = group.reduce((a, b) => (b.reflectors > a.reflectors ? b : a));
      const time = extent(group);
      const packets = total(group, (row) => row.packets);
      const rate = (packets * 1e6) / Math.max(1e6, time.ts_end - time.ts_start);
      const port = most.ports === 1 && most.a_port > 0 ? most.a_port : null;
      const what = {tcp: "TCP answers", udp: "UDP answers", fragments: "UDP fragments"}[most.kind];
      const isFast = rate >= limits.rate.value;
      return {
        capture_sha256,
        ...time,
        src_ip: null,
        dst_ip: victim,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        severity: isFast ? "high" : "medium",
        summary: `${counted(most.reflectors, "server")} sent ${victim} ${amount(packets)} ${what} that it never asked for${port === null ? "" : `, from port ${port}`}, in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          most.reflectors >= limits.reflectors.value
            ? atLeast("servers that answered unasked", most.reflectors, limits.reflectors)
            : atLeast("answers that nobody asked for", most.packets, limits.packets),
          ...(most.kind === "udp" && most.bytes >= limits.bytes.value
            ? [
                atLeast(
                  "mean payload",
                  most.bytes,
                  most.reflectors >= limits.reflectors.value ? limits.bytes : limits.large
                )
              ]
            : []),
          ...(most.kind !== "tcp" && !isFast ? [atLeast("mean rate", rate, limits.udp_rate)] : []),
          ...(isFast ? [atLeast("mean rate", rate, limits.rate)] : []),
          fact("kinds", group.map(({kind}) => kind).join(", "))
        ]
      };
    })
});
