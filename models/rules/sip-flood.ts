import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, atMost, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  accepted: number;
  seconds: number;
};

const limits = {
  requests: {
    value: 300,
    unit: "requests",
    doc: "Calls, registrations and questions of one client at one server within a session"
  },
  rate: {value: 20, unit: "a second", doc: "Least mean rate of them: a large exchange has a few calls a second"},
  accepted: {
    value: 0.1,
    unit: "of the requests",
    doc: "Share that the server accepted at most; of a trunk's calls and a load test's most are"
  },
  gap: {value: 5, unit: "s", doc: "A session ends when no request follows for so long"}
} as const;

/** Flooding of a telephone system (inviteflood, SIPp, Metasploit): requests faster than it answers, all of one flow perhaps. */
export const sipFlood = defineRule<typeof limits, Row>({
  name: "sip_flood",
  doc: "A client sends a telephone system so many SIP requests that it answers hardly any.",
  blindTo:
    "SIP within TLS; floods from many addresses with few requests each, and those whose calls are accepted. A trunk of twenty calls a second captured in one direction alone looks the same.",
  attackTechnique: "T1499",
  severity: "high",
  limits,
  tables: ["flows", "sip"],
  startsFrom: {sip: "method IN ('INVITE', 'REGISTER', 'OPTIONS')"},
  judgesOpen: true,
  countedFlows: "f.service = 'sip'",
  query: (scope, {requests, rate, accepted, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(*) AS requests,
        sum(is_accepted) AS accepted, (max(at_ms) - min(at_ms)) / 1000e0 AS seconds
      FROM ${sessions(
        scope.dialect,
        `(SELECT s.capture_sha256, s.flow_id, s.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, CASE WHEN s.status BETWEEN 200 AND 299 THEN 1 ELSE 0 END AS is_accepted
          FROM ${scope.rows("sip")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256
          WHERE s.method IN ('INVITE', 'REGISTER', 'OPTIONS'))`,
        ["capture_sha256", "src_ip", "dst_ip"],
        gap.value * 1000
      )} t GROUP BY capture_sha256, src_ip, dst_ip, session) g
    WHERE requests >= ${requests.value} AND requests >= ${rate.value} * seconds AND accepted <= ${accepted.value} * requests`,
  incidents: (rows, {requests, rate, accepted}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} sent ${row.dst_ip} ${amount(row.requests)} SIP requests in ${span(row.ts_end - row.ts_start)}, of which it accepted ${amount(row.accepted)}.`,
      reasons: [
        atLeast("requests", row.requests, requests),
        atLeast("mean rate", row.requests / Math.max(row.seconds, 1), rate),
        atMost("share accepted", row.accepted / row.requests, accepted)
      ]
    }))
});
