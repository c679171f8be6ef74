import {inNetworks} from "./addresses.ts";
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
  senders: number;
};

const limits = {
  servers: {
    value: 10,
    unit: "hosts",
    doc: "Different mail servers that one host delivers to, or tries to, within a session; a mail program has one or two"
  },
  refused: {
    value: 0.2,
    unit: "of the connections",
    doc: "Least share of connections that no server answers; lists of spam are old, and servers block bots"
  },
  senders: {
    value: 4,
    unit: "domains",
    doc: "Or: different domains that the host says to send for; a relay has its own"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no further server is tried for so long"}
} as const;

/** Spam: a host that is no mail server delivers mail to many servers by itself, as spam bots do. */
export const mailSpread = defineRule<typeof limits, Row>({
  name: "mail_spread",
  doc: "A host that takes no mail itself delivers to many mail servers: spam.",
  blindTo:
    "Spam by the network's own mail server or by a provider's (ports 587 and 465); fewer than ten servers. A relay for several domains whose incoming mail comes another way, or was not captured, and newsletters to old addresses look the same.",
  attackTechnique: "T1071.003",
  severity: "medium",
  limits,
  tables: ["flows", "mail"],
  startsFrom: {flows: "dst_port = 25"},
  judgesOpen: true,
  countedFlows: "f.dst_port = 25",
  query: (scope, {servers, refused, senders, gap}) => `
    WITH takers AS (SELECT DISTINCT capture_sha256, dst_ip FROM ${scope.rows("flows")} f WHERE proto = 6 AND dst_port = 25 AND dst_payload_bytes > 0),
    senders AS (SELECT m.capture_sha256, f.src_ip, count(DISTINCT coalesce(regexp_extract(lower(m.sender), '[^@]*$'), '')) AS senders
      FROM ${scope.rows("mail")} m JOIN ${scope.rows("flows")} f ON m.flow_id = f.flow_id AND m.capture_sha256 = f.capture_sha256 WHERE m.protocol = 'smtp' AND m.sender <> '' GROUP BY m.capture_sha256, f.src_ip)
    SELECT s.capture_sha256, s.src_ip, min(s.ts_start) AS ts_start, max(s.ts_end) AS ts_end, count(*) AS flows,
      count(DISTINCT s.dst_ip) AS servers, sum(CASE WHEN s.dst_payload_bytes = 0 THEN 1 ELSE 0 END) AS refused, coalesce(max(o.senders), 0) AS senders
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_payload_bytes FROM ${scope.rows("flows")} f WHERE proto = 6 AND dst_port = 25)`,
      ["capture_sha256", "src_ip"],
      gap.value * 1000
    )} s LEFT JOIN takers t ON t.capture_sha256 = s.capture_sha256 AND t.dst_ip = s.src_ip
      LEFT JOIN senders o ON o.capture_sha256 = s.capture_sha256 AND o.src_ip = s.src_ip
    WHERE t.dst_ip IS NULL
    GROUP BY s.capture_sha256, s.src_ip, s.session
    HAVING count(DISTINCT CASE WHEN s.dst_payload_bytes > 0 THEN s.dst_ip END) >= ${servers.value}
      AND (sum(CASE WHEN s.dst_payload_bytes = 0 THEN 1 ELSE 0 END) >= ${refused.value} * count(*) OR coalesce(max(o.senders), 0) >= ${senders.value})`,
  // Bots live in homes and offices behind their routers, servers have addresses of their own.
  incidents: (rows, _limits, {localNets}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      ...(inNetworks(localNets)(row.src_ip) ? {} : {severity: "low" as const}),
      src_ip: row.src_ip,
      dst_ip: null,
      dst_port: 25,
      flows: row.flows,
      summary: `${row.src_ip} delivered mail to ${row.servers} servers in ${span(row.ts_end - row.ts_start)}, and takes none itself.`,
      reasons: [
        atLeast("mail servers", row.servers, limits.servers),
        row.refused >= limits.refused.value * row.flows
          ? atLeast("share of connections without an answer", row.refused / row.flows, limits.refused)
          : atLeast("domains that it sends for", row.senders, limits.senders),
        fact("connections", row.flows)
      ]
    }))
});
