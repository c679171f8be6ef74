import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  sources: number;
  targets: number;
  seconds: number;
};

const limits = {
  flows: {value: 500, unit: "flows", doc: "Flows of one packet without payload within a session"},
  rate: {value: 50, unit: "a second", doc: "Least mean rate of them"},
  different: {
    value: 0.9,
    unit: "of the flows",
    doc: "Least share of different sources among them, and of different targets: a scan or a flood has one of either, the Internet's noise one network of targets"
  },
  gap: {value: 5, unit: "s", doc: "A session ends when no such flow begins for so long"}
} as const;

/**
 * Flooding of a switch's table of addresses (macof): a station sends packets from ever new addresses to ever new addresses,
 * until the switch forgets where stations are and sends everything everywhere.
 */
export const switchFlood = defineRule<typeof limits, Row>({
  name: "switch_flood",
  doc: "Packets without content go from ever new addresses to ever new addresses: a switch's table is flooded.",
  blindTo:
    "The hardware addresses themselves, which flows do not have; floods by frames without IP or between few addresses; which station it is.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "src_pkts = 1 AND dst_pkts = 0 AND src_payload_bytes = 0"},
  countedFlows: "f.src_pkts = 1 AND f.dst_pkts = 0 AND f.src_payload_bytes = 0",
  query: (scope, {flows, rate, different, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(*) AS flows, count(DISTINCT src_ip) AS sources, count(DISTINCT dst_ip) AS targets,
        (max(at_ms) - min(at_ms)) / 1000e0 AS seconds
      FROM ${sessions(
        scope.dialect,
        `(SELECT capture_sha256, flow_id, ts_start, src_ip, dst_ip FROM ${scope.rows("flows")} f WHERE src_pkts = 1 AND dst_pkts = 0 AND src_payload_bytes = 0 AND proto NOT IN (1, 58))`,
        ["capture_sha256"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, session) g
    WHERE flows >= ${flows.value} AND flows >= ${rate.value} * seconds AND sources >= ${different.value} * flows AND targets >= ${different.value} * flows`,
  incidents: (rows, {flows, rate, different}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: null,
      dst_ip: null,
      dst_port: null,
      flows: row.flows,
      summary: `${amount(row.flows)} packets without content went from ${amount(row.sources)} to ${amount(row.targets)} addresses in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("flows of one packet", row.flows, flows),
        atLeast("mean rate", row.flows / Math.max(row.seconds, 1), rate),
        atLeast("share of different sources", row.sources / row.flows, different),
        atLeast("share of different targets", row.targets / row.flows, different)
      ]
    }))
});
