import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  unanswered: number;
  most: number;
};

const limits = {
  requests: {
    value: 100,
    unit: "requests",
    doc: "Calls, registrations and questions of one client to one server within ten seconds"
  },
  unanswered: {
    value: 0.9,
    unit: "of the requests",
    doc: "Least share of requests that nothing final answers; an exchange that is busy answers, and clients repeat a request under its own number"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when no request follows for so long"}
} as const;

/** Floods of telephone systems (inviteflood, SIPp, Asterisk under load): more calls than an exchange can answer. */
export const sipFlood = defineRule<typeof limits, Row>({
  name: "sip_flood",
  doc: "A client sends a telephone system far more calls or registrations than it answers.",
  blindTo:
    "SIP within TLS; floods that are answered, from many addresses, or slower than the limits; speech. A test of an exchange's load of which one direction was captured looks the same.",
  attackTechnique: "T1499.002",
  severity: "medium",
  limits,
  tables: ["flows", "sip"],
  startsFrom: {sip: "method IN ('REGISTER', 'OPTIONS', 'INVITE') AND status IS NULL"},
  judgesOpen: true,
  countedFlows: "f.service = 'sip'",
  query: (scope, {requests, unanswered, gap}) => `
    WITH asked AS (
      SELECT s.capture_sha256, s.flow_id, s.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, s.call_id, CASE WHEN s.status IS NULL THEN 1 ELSE 0 END AS is_unanswered,
        floor(${scope.dialect.epochMs("s.ts")} / 10000e0) AS stretch
      FROM ${scope.rows("sip")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256
      WHERE s.method IN ('REGISTER', 'OPTIONS', 'INVITE')),
    stretches AS (SELECT capture_sha256, src_ip, dst_ip, stretch, count(DISTINCT call_id) AS calls FROM asked a GROUP BY capture_sha256, src_ip, dst_ip, stretch),
    peaks AS (SELECT capture_sha256, src_ip, dst_ip, max(calls) AS most FROM stretches GROUP BY capture_sha256, src_ip, dst_ip)
    SELECT t.capture_sha256, t.src_ip, t.dst_ip, min(t.dst_port) AS dst_port, min(t.ts_start) AS ts_start, max(t.ts_start) AS ts_end, count(DISTINCT t.flow_id) AS flows,
      count(*) AS requests, sum(t.is_unanswered) AS unanswered, max(p.most) AS most
    FROM ${sessions(scope.dialect, "asked", ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} t
    JOIN peaks p ON p.capture_sha256 = t.capture_sha256 AND p.src_ip = t.src_ip AND p.dst_ip = t.dst_ip
    WHERE p.most >= ${requests.value}
    GROUP BY t.capture_sha256, t.src_ip, t.dst_ip, t.session
    HAVING count(*) >= ${requests.value} AND sum(t.is_unanswered) >= ${unanswered.value} * count(*)`,
  incidents: (rows, {requests, unanswered, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const place = placeOfServices(group);
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const sent = total(group, (row) => row.requests);
      return {
        ...place,
        summary: `${place.src_ip} sent ${place.dst_ip ?? counted(hosts, "telephone system")} ${counted(sent, "SIP request")} in ${span(place.ts_end - place.ts_start)}, nearly none of which was answered.`,
        reasons: [
          atLeast("requests within ten seconds", Math.max(...group.map((row) => row.most)), requests),
          atLeast("share without an answer", total(group, (row) => row.unanswered) / sent, unanswered),
          fact("hosts", hosts)
        ]
      };
    }),
  yieldsTo: (incident, other) => other.rule === "sip_guessing" && other.src_ip === incident.src_ip
});
