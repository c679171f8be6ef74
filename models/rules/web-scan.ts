import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  paths: number;
  refused: number;
  per_minute: number;
};

const limits = {
  paths: {
    value: 40,
    unit: "paths",
    doc: "Different paths, without query strings, that one client asks one server for within a session"
  },
  refused: {
    value: 0.6,
    unit: "of the answers",
    doc: "Least share of answers 400 to 499: a crawler follows links, and most of them lead somewhere"
  },
  per_minute: {value: 30, unit: "a minute", doc: "Least mean rate of requests"},
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Web content discovery (dirb, gobuster, nmap's http-enum): one client guesses paths of a web server, most in vain. */
export const webScan = defineRule<typeof limits, Row>({
  name: "web_scan",
  doc: "One client asks a web server for many paths, most of which it does not have.",
  blindTo:
    "Requests within TLS; servers that answer unknown paths with 200 or a redirect; slow guessing; which paths matter.",
  attackTechnique: "T1595.003",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.proto = 6",
  query: (scope, {paths, refused, per_minute, gap}) => {
    const perMinute = "count(*) * 60000e0 / greatest(max(at_ms) - min(at_ms), 1000)";
    return `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(*) AS requests, count(DISTINCT path) AS paths, avg(is_refused) AS refused, ${perMinute} AS per_minute
    FROM ${sessions(
      scope.dialect,
      `(SELECT h.capture_sha256, h.flow_id, h.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, split_part(h.uri, '?', 1) AS path,
          CASE WHEN h.status IS NULL THEN NULL WHEN h.status BETWEEN 400 AND 499 THEN 1e0 ELSE 0e0 END AS is_refused
        FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 WHERE h.method IS NOT NULL)`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session
    HAVING count(DISTINCT path) >= ${paths.value} AND avg(is_refused) >= ${refused.value} AND ${perMinute} >= ${per_minute.value}`;
  },
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const most = group.reduce((a, b) => (b.paths > a.paths ? b : a));
      const target = common(group.map((row) => row.dst_ip));
      const port = common(group.map((row) => row.dst_port));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: target,
        dst_port: port,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} asked ${target ?? counted(group.length, "web server")}${port === null ? "" : ` port ${port}`} for ${counted(most.paths, "path")} in ${span(time.ts_end - time.ts_start)}, most in vain.`,
        reasons: [
          atLeast("different paths", most.paths, limits.paths),
          atLeast("share of answers 400 to 499", most.refused, limits.refused),
          atLeast("mean rate of requests", most.per_minute, limits.per_minute),
          fact(
            "requests",
            total(group, (row) => row.requests)
          )
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    other.rule === "web_fingerprint" && other.src_ip === incident.src_ip && overlaps(incident, other)
});
