import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, counted, span} from "./wording.ts";

type Row = ServiceRow & {
  communities: number;
  requests: number;
  responses: number;
};

const limits = {
  communities: {
    value: 6,
    unit: "communities",
    doc: "Communities that one client tries at one host within a session; a monitor knows one, and a program of a printer's maker tries two or three"
  },
  answered: {
    value: 0.5,
    unit: "of the requests",
    doc: "Share of answered requests at most: a wrong community is answered by silence"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Communities of SNMP guessed (onesixtyone, snmp-check, Nmap): ever other ones, most of them without an answer. */
export const snmpGuessing = defineRule<typeof limits, Row>({
  name: "snmp_guessing",
  doc: "A client tries many communities of SNMP at one host.",
  blindTo:
    "Guesses that come from a new port each; version 3; communities tried at many hosts, two or three at each. A proxy that polls for several parties with a community each looks the same where nothing answers it.",
  attackTechnique: "T1110.001",
  severity: "medium",
  limits,
  tables: ["flows", "snmp"],
  startsFrom: {snmp: "communities > 1"},
  judgesOpen: true,
  countedFlows: "f.service = 'snmp'",
  query: (scope, {communities, answered, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      sum(communities) AS communities, sum(requests) AS requests, sum(responses) AS responses
    FROM ${sessions(
      scope.dialect,
      `(SELECT s.capture_sha256, s.flow_id, f.ts_start, f.ts_end, f.src_ip, f.dst_ip, f.dst_port, s.communities, s.gets + s.sets AS requests, s.responses
        FROM ${scope.rows("snmp")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256 WHERE s.communities > 1)`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session
    HAVING sum(communities) >= ${communities.value} AND sum(responses) <= ${answered.value} * sum(requests)`,
  incidents: (rows, {communities, answered}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} tried ${counted(row.communities, "community", "communities")} of SNMP at ${row.dst_ip} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("communities tried", row.communities, communities),
        atMost("share of answered requests", row.responses / row.requests, answered)
      ]
    }))
});
