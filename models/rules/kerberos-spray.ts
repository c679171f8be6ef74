import {common, extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  refused: number;
  per_minute: number;
};

const limits = {
  refused: {
    value: 10,
    unit: "requests",
    doc: "Kerberos exchanges of one client with one domain controller that an error alone answers, within a session"
  },
  error: {value: 400, unit: "bytes", doc: "Longest answer that is an error; tickets are longer"},
  share: {
    value: 0.9,
    unit: "of the exchanges",
    doc: "Least share of errors: a logon gets an error first (a password is needed) and then its ticket"
  },
  per_minute: {value: 6, unit: "a minute", doc: "Least mean rate of errors"},
  gap: {value: 60, unit: "s", doc: "A session ends when no exchange begins for so long"}
} as const;

/**
 * Password spraying and user enumeration by Kerberos: a client asks a domain controller for tickets again and again and
 * gets nothing but errors (Kerbrute, Rubeus).
 */
export const kerberosSpray = defineRule<typeof limits, Row>({
  name: "kerberos_spray",
  doc: "A client asks a domain controller for tickets again and again and is refused.",
  blindTo:
    "Which users were tried; several attempts within one connection; spraying slower than six a minute or with a right password among few wrong ones. A server whose service account's password has expired looks the same.",
  attackTechnique: "T1110.003",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service = 'kerberos' OR dst_port = 88"},
  countedFlows: "(f.service = 'kerberos' OR f.dst_port = 88)",
  query: (scope, {refused, error, share, per_minute, gap}) => {
    const perMinute = "sum(is_refused) * 60000e0 / greatest(max(at_ms) - min(at_ms), 1000)";
    return `
    SELECT capture_sha256, src_ip, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, sum(is_refused) AS refused, ${perMinute} AS per_minute
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, CASE WHEN dst_payload_bytes <= ${error.value} THEN 1 ELSE 0 END AS is_refused
        FROM ${scope.rows("flows")} f WHERE (service = 'kerberos' OR (service IS NULL AND proto = 6 AND dst_port = 88)) AND src_payload_bytes > 0 AND dst_payload_bytes > 0)`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session
    HAVING sum(is_refused) >= ${refused.value} AND sum(is_refused) >= ${share.value} * count(*) AND ${perMinute} >= ${per_minute.value}`;
  },
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const most = group.reduce((a, b) => (b.refused > a.refused ? b : a));
      const server = common(group.map((row) => row.dst_ip));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: 88,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} asked ${server ?? counted(group.length, "domain controller")} for Kerberos tickets ${counted(
          total(group, (row) => row.flows),
          "time"
        )} in ${span(time.ts_end - time.ts_start)} and got errors.`,
        reasons: [
          atLeast("exchanges that ended in an error", most.refused, limits.refused),
          atLeast("share of errors", most.refused / most.flows, limits.share),
          atLeast("mean rate of errors", most.per_minute, limits.per_minute),
          fact("domain controllers", group.length)
        ]
      };
    })
});
