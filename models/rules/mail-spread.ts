import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  servers: number;
  refused: number;
};

const limits = {
  servers: {
    value: 10,
    unit: "hosts",
    doc: "Different mail servers that one host delivers to, or tries to, within a session; a mail program has one or two"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no further server is tried for so long"}
} as const;

/** Spam: a host that is no mail server delivers mail to many servers by itself, as spam bots do. */
export const mailSpread = defineRule<typeof limits, Row>({
  name: "mail_spread",
  doc: "A host that takes no mail itself delivers to many mail servers: spam.",
  blindTo:
    "Spam by the network's own mail server or by a provider's (ports 587 and 465); fewer than ten servers. A mail server whose incoming mail comes another way, or was not captured, and newsletters sent without a relay look the same.",
  attackTechnique: "T1071.003",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "dst_port = 25"},
  judgesOpen: true,
  countedFlows: "f.dst_port = 25",
  query: (scope, {servers, gap}) => `
    WITH takers AS (SELECT DISTINCT capture_sha256, dst_ip FROM ${scope.rows("flows")} f WHERE proto = 6 AND dst_port = 25 AND dst_payload_bytes > 0)
    SELECT s.capture_sha256, s.src_ip, min(s.ts_start) AS ts_start, max(s.ts_end) AS ts_end, count(*) AS flows,
      count(DISTINCT s.dst_ip) AS servers, sum(CASE WHEN s.dst_payload_bytes = 0 THEN 1 ELSE 0 END) AS refused
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_payload_bytes FROM ${scope.rows("flows")} f WHERE proto = 6 AND dst_port = 25)`,
      ["capture_sha256", "src_ip"],
      gap.value * 1000
    )} s LEFT JOIN takers t ON t.capture_sha256 = s.capture_sha256 AND t.dst_ip = s.src_ip
    WHERE t.dst_ip IS NULL
    GROUP BY s.capture_sha256, s.src_ip, s.session
    HAVING count(DISTINCT CASE WHEN s.dst_payload_bytes > 0 THEN s.dst_ip END) >= ${servers.value}`,
  incidents: (rows) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: null,
      dst_port: 25,
      flows: row.flows,
      summary: `${row.src_ip} delivered mail to ${row.servers} servers in ${span(row.ts_end - row.ts_start)}, and takes none itself.`,
      reasons: [
        atLeast("mail servers", row.servers, limits.servers),
        fact("connections", row.flows),
        fact("connections without an answer", row.refused)
      ]
    }))
});
