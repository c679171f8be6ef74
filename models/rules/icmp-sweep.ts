import {isGroupAddress} from "./addresses.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  hosts: number;
  answered: number;
  /** Addresses of its segment that it asked for by ARP and that nobody has. */
  absent: number;
  /** Hosts that answered it by SNMP. */
  watched: number;
};

const limits = {
  hosts: {value: 10, unit: "hosts", doc: "Different hosts asked within a session"},
  packets: {
    value: 5,
    unit: "packets",
    doc: "Requests to one host at most: whoever keeps asking watches, and does not search"
  },
  rounds: {
    value: 5,
    unit: "flows a host",
    doc: "Mean number of flows to a host from which on the source comes back again and again, as a monitor does"
  },
  known: {
    value: 0.8,
    unit: "of the hosts",
    doc: "If so many answer the severity is low: a monitor, or a game that looks for the nearest server, asks hosts that are there, a search finds gaps, in the own segment by ARP"
  },
  watched: {
    value: 1,
    unit: "of the hosts",
    doc: "If it is answered by SNMP by as many hosts, it is a poller that looks whether those that are silent are back: the severity is low"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when no new host is asked for so long"}
} as const;

/** Ping sweep: one source sends echo, timestamp or mask requests to many hosts, a few to each; a DHCP server tries the addresses that it offers. */
export const icmpSweep = defineRule<typeof limits, Row>({
  name: "icmp_sweep",
  doc: "One source asks many hosts by ICMP whether they are there.",
  blindTo:
    "Sweeps slower than one host a minute; whether the sender is a monitoring system in its first rounds; a search among hosts of which four in five are there, which is told with low severity; sweeps by ARP (`arp_scan` tells of them).",
  attackTechnique: "T1018",
  severity: "medium",
  limits,
  tables: ["flows", "arp", "dhcp"],
  startsFrom: {flows: "proto IN (1, 58)"},
  judgesOpen: true,
  countedFlows: "f.proto IN (1, 58)",
  query: (scope, {hosts, packets, rounds, gap}) => `
    WITH swept AS (
    SELECT capture_sha256, src_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      count(DISTINCT dst_ip) AS hosts, count(DISTINCT CASE WHEN dst_pkts > 0 THEN dst_ip END) AS answered
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_pkts FROM ${scope.rows("flows")} f
        WHERE ((proto = 1 AND src_port IN (8, 13, 17)) OR (proto = 58 AND src_port = 128))
          AND src_pkts BETWEEN 1 AND ${packets.value} AND NOT (${isGroupAddress("dst_ip")} AND dst_ip NOT LIKE '%.255')
          AND NOT EXISTS (SELECT 1 FROM ${scope.rows("dhcp")} l WHERE l.capture_sha256 = f.capture_sha256 AND l.server = f.src_ip AND l.assigned = f.dst_ip))`,
      ["capture_sha256", "src_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, session HAVING count(DISTINCT dst_ip) >= ${hosts.value} AND count(*) < ${rounds.value} * count(DISTINCT dst_ip)),
    asked AS (
      SELECT DISTINCT capture_sha256, sender_ip, target_ip FROM ${scope.rows("arp")} a WHERE operation = 1 AND sender_ip <> target_ip),
    holders AS (SELECT DISTINCT capture_sha256, sender_ip AS held FROM ${scope.rows("arp")} h),
    gaps AS (
      SELECT q.capture_sha256, q.sender_ip, count(*) AS absent FROM asked q LEFT JOIN holders h ON h.capture_sha256 = q.capture_sha256 AND h.held = q.target_ip
      WHERE h.held IS NULL GROUP BY q.capture_sha256, q.sender_ip)
    SELECT w.*, coalesce(g.absent, 0) AS absent, coalesce(p.watched, 0) AS watched FROM swept w LEFT JOIN gaps g ON g.capture_sha256 = w.capture_sha256 AND g.sender_ip = w.src_ip
    LEFT JOIN (SELECT capture_sha256, src_ip, count(DISTINCT dst_ip) AS watched FROM ${scope.rows("flows")} s WHERE service = 'snmp' AND dst_pkts > 0 GROUP BY capture_sha256, src_ip) p
      ON p.capture_sha256 = w.capture_sha256 AND p.src_ip = w.src_ip`,
  incidents: (rows) =>
    rows.map(({capture_sha256, src_ip, ts_start, ts_end, flows, hosts, answered, absent, watched}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip,
      dst_ip: null,
      dst_port: null,
      flows,
      severity:
        answered >= limits.known.value * (hosts + absent) || watched >= limits.watched.value * hosts ? "low" : "medium",
      summary: `${src_ip} pinged ${counted(hosts, "host")} in ${span(ts_end - ts_start)}; ${answered} answered.`,
      reasons: [
        atLeast("different hosts asked", hosts, limits.hosts),
        fact("hosts that answered", answered),
        fact("addresses asked for by ARP that nobody has", absent),
        fact("hosts that answered it by SNMP", watched)
      ]
    }))
});
