import {overlaps} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  sender_mac: string;
  sender_ip: string;
  ts_start: number;
  ts_end: number;
  requests: number;
  hosts: number;
  per_second: number;
  /** Other stations that ask for the sweeping station's address: a gateway's is asked for by many. */
  wanted_by: number;
};

const limits = {
  hosts: {value: 20, unit: "addresses", doc: "Different addresses asked for within a session"},
  per_second: {
    value: 2,
    unit: "addresses/s",
    doc: "Least mean rate of new addresses: routers ask for the hosts they have packets for, one now and then"
  },
  gateway: {
    value: 3,
    unit: "stations",
    doc: "A sweep by an address that so many others ask for is a router's own work: information only"
  },
  requests: {value: 5, unit: "requests", doc: "Requests for one address at most, in the mean"},
  gap: {value: 10, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** ARP sweep: one station asks who has many addresses of the segment (`arp-scan`, nmap on its own network). */
export const arpScan = defineRule<typeof limits, Row>({
  name: "arp_scan",
  doc: "One station asks by ARP who has many addresses of its segment.",
  blindTo:
    "Sweeps slower than two addresses a second or with pauses over 10 s; sweeps of fewer than 20 addresses; segments whose broadcasts do not reach the capture; which packets from outside make a router sweep; routers for which nobody asks in the capture.",
  attackTechnique: "T1018",
  severity: "low",
  limits,
  tables: ["arp"],
  startsFrom: {arp: "TRUE"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {hosts, per_second, requests, gap}) => {
    const perSecond = "CAST(count(DISTINCT target_ip) AS DOUBLE) * 1000e0 / greatest(1000, max(at_ms) - min(at_ms))";
    return `
    WITH wanted AS (
      SELECT capture_sha256, target_ip AS ip, count(DISTINCT sender_mac) AS wanted_by FROM ${scope.rows("arp")} a
      WHERE operation = 1 AND sender_ip <> target_ip GROUP BY capture_sha256, target_ip)
    SELECT s.capture_sha256, s.sender_mac, s.sender_ip, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(*) AS requests,
      count(DISTINCT target_ip) AS hosts, ${perSecond} AS per_second, coalesce(max(w.wanted_by), 0) AS wanted_by
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, target_ip AS flow_id, ts AS ts_start, sender_mac, sender_ip, target_ip FROM ${scope.rows("arp")} a
        WHERE operation = 1 AND sender_ip <> target_ip AND sender_ip <> '0.0.0.0')`,
      ["capture_sha256", "sender_mac", "sender_ip"],
      gap.value * 1000
    )} s LEFT JOIN wanted w ON w.capture_sha256 = s.capture_sha256 AND w.ip = s.sender_ip
    GROUP BY s.capture_sha256, s.sender_mac, s.sender_ip, session
    HAVING count(DISTINCT target_ip) >= ${hosts.value} AND count(*) <= ${requests.value} * count(DISTINCT target_ip) AND ${perSecond} >= ${per_second.value}`;
  },
  incidents: (rows) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ts_start: row.ts_start,
      ts_end: row.ts_end,
      src_ip: row.sender_ip,
      dst_ip: null,
      dst_port: null,
      flows: row.requests,
      severity: row.wanted_by >= limits.gateway.value ? "info" : "low",
      summary: `${row.sender_ip} (${row.sender_mac}) asked by ARP who has ${counted(row.hosts, "address", "addresses")} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("different addresses asked for", row.hosts, limits.hosts),
        atLeast("mean rate", row.per_second, limits.per_second),
        atMost("requests for one address", row.requests / row.hosts, limits.requests),
        row.wanted_by >= limits.gateway.value
          ? atLeast("stations that ask for its own address", row.wanted_by, limits.gateway)
          : fact("stations that ask for its own address", row.wanted_by),
        fact("station", row.sender_mac)
      ]
    })),
  // Whoever probes hosts of its own segment asks for them first.
  yieldsTo: (incident, other) =>
    ["icmp_sweep", "host_sweep", "port_scan"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});
