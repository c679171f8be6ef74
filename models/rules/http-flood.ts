import {extent, overlaps, together, total} from "./merge.ts";
import {hotWindows} from "./rate-windows.ts";
import {defineRule, type Incident, type RuleRow} from "./rule.ts";
import {amount, atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  dst_ip: string;
  dst_port: number;
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  requests: number;
  sources: number;
  /** Null for a crowd. */
  a_source: string | null;
  paths_share: number;
  /** Each of the crowd's requests has another query. */
  is_varied: number;
};

const windowMs = 5000;

const limits = {
  rate: {value: 50, unit: "requests/s", doc: "Requests of one client to one web server, mean of a 5 s window"},
  crowd_rate: {
    value: 200,
    unit: "requests/s",
    doc: "Requests of many clients to one web server, mean of a 5 s window"
  },
  crowd: {value: 10, unit: "clients", doc: "So many clients are a crowd"},
  each: {value: 5, unit: "requests/s", doc: "Least mean rate of each client of a crowd: people are slower"},
  paths: {
    value: 0.2,
    unit: "of the requests",
    doc: "Different paths at most: a crawler or a reader asks for different pages"
  },
  varied_rate: {
    value: 20,
    unit: "requests/s",
    doc: "Requests of such a crowd for the root of one web server, each with another query that passes its cache, mean of a 5 s window"
  },
  varied: {
    value: 0.8,
    unit: "of the requests",
    doc: "Least share of such different requests among all of that server's"
  },
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

/** Ports taken for web servers where the content was not recognised. */
const webPorts = [80, 443, 8000, 8080, 8443];

/**
 * HTTP flood. A request is a row of `http`, or, where none can be read (TLS), a connection that was answered. The query
 * string does not count as part of the path, since tools vary it to pass caches. Of HTTP/2, where programs call one another
 * fast, requests count that the client takes back at once (rapid reset, CVE-2023-44487).
 */
export const httpFlood = defineRule<typeof limits, Row>({
  name: "http_flood",
  doc: "Clients ask a web server for the same few pages faster than a person or a crawler does.",
  blindTo:
    "Requests within an encrypted connection (only connections are counted there); floods by many clients that are each slow and ask as people do; whether a fast client is a load test that was agreed on.",
  attackTechnique: "T1499.002",
  severity: "high",
  limits,
  tables: ["flows", "http"],
  startsFrom: {flows: "proto = 6"},
  judgesOpen: true,
  countedFlows: "f.proto = 6",
  query: (scope, {rate, crowd_rate, crowd, each, paths, varied_rate, varied, gap}) => {
    const count = (perSecond: number) => (perSecond * windowMs) / 1000;
    return `
    WITH web AS (SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, service FROM ${scope.rows("flows")} f
      WHERE proto = 6 AND dst_pkts > 0 AND history LIKE '%D%' AND dst_payload_bytes > 0
        AND (service IN ('http', 'http2', 'tls') OR (service IS NULL AND dst_port IN (${webPorts.join(", ")})))),
    requests AS (
      SELECT w.capture_sha256, w.flow_id, h.ts AS ts_start, h.ts AS ts_end, w.src_ip, w.dst_ip, w.dst_port, split_part(h.uri, '?', 1) AS path, CASE WHEN h.uri LIKE '/?_%' THEN h.uri END AS varied
      FROM ${scope.rows("http")} h JOIN web w ON h.flow_id = w.flow_id AND h.capture_sha256 = w.capture_sha256 WHERE h.method IS NOT NULL AND (w.service IS NULL OR w.service <> 'http2' OR h.error = 'CANCEL')
      UNION ALL
      SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, NULL, NULL FROM web
      WHERE (service IS NULL OR service <> 'http2') AND NOT EXISTS (SELECT 1 FROM ${scope.rows("http")} g WHERE g.flow_id = web.flow_id AND g.capture_sha256 = web.capture_sha256 AND g.method IS NOT NULL)),
    single AS (SELECT * FROM ${hotWindows(scope.dialect, {
      from: "requests",
      keys: ["capture_sha256", "dst_ip", "dst_port", "src_ip"],
      figures:
        "count(*) AS requests, count(DISTINCT flow_id) AS connections, CAST(count(DISTINCT path) AS DOUBLE) / count(*) AS paths_share",
      first: `count(*) >= ${count(rate.value)}`,
      having: `count(DISTINCT path) <= ${paths.value} * count(*)`,
      windowMs,
      gapMs: gap.value * 1000
    })} s),
    crowds AS (SELECT * FROM ${hotWindows(scope.dialect, {
      from: "requests",
      keys: ["capture_sha256", "dst_ip", "dst_port"],
      figures:
        "count(*) AS requests, count(DISTINCT flow_id) AS connections, count(DISTINCT src_ip) AS sources, CAST(count(DISTINCT path) AS DOUBLE) / count(*) AS paths_share",
      first: `count(*) >= ${count(crowd_rate.value)}`,
      having: `count(DISTINCT src_ip) >= ${crowd.value}
        AND count(*) >= ${count(each.value)} * count(DISTINCT src_ip) AND count(DISTINCT path) <= ${paths.value} * count(*)`,
      windowMs,
      gapMs: gap.value * 1000
    })} c),
    varied AS (SELECT * FROM ${hotWindows(scope.dialect, {
      from: "requests",
      keys: ["capture_sha256", "dst_ip", "dst_port"],
      figures:
        "count(*) AS requests, count(DISTINCT flow_id) AS connections, count(DISTINCT src_ip) AS sources, CAST(count(DISTINCT path) AS DOUBLE) / count(*) AS paths_share",
      first: `count(*) >= ${count(varied_rate.value)}`,
      having: `count(DISTINCT src_ip) >= ${crowd.value} AND count(DISTINCT varied) >= ${count(varied_rate.value)} AND count(DISTINCT varied) >= ${varied.value} * count(*)`,
      windowMs,
      gapMs: gap.value * 1000
    })} v)
    SELECT capture_sha256, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(connections) AS flows,
      max(requests) / ${windowMs / 1000}e0 AS peak, sum(requests) AS requests, 1 AS sources, src_ip AS a_source, max(paths_share) AS paths_share, 0 AS is_varied
    FROM single GROUP BY capture_sha256, dst_ip, dst_port, src_ip, episode
    UNION ALL
    SELECT capture_sha256, dst_ip, dst_port, min(ts_start), max(ts_end), sum(connections), max(requests) / ${windowMs / 1000}e0,
      sum(requests), max(sources), NULL, max(paths_share), 0
    FROM crowds GROUP BY capture_sha256, dst_ip, dst_port, episode
    UNION ALL
    SELECT capture_sha256, dst_ip, dst_port, min(ts_start), max(ts_end), sum(connections), max(requests) / ${windowMs / 1000}e0,
      sum(requests), max(sources), NULL, max(paths_share), 1
    FROM varied GROUP BY capture_sha256, dst_ip, dst_port, episode`;
  },
  incidents: (rows, {gap}) => {
    const sameServer = (a: Row, b: Row) =>
      a.capture_sha256 === b.capture_sha256 && a.dst_ip === b.dst_ip && a.dst_port === b.dst_port;
    // A crowd's windows hold what its members' windows hold.
    const crowds = rows.filter((row) => row.sources > 1);
    const single = rows.filter(
      (row) => row.sources === 1 && !crowds.some((c) => sameServer(c, row) && overlaps(c, row))
    );
    return together(
      [...crowds, ...single],
      (row) => `${row.capture_sha256} ${row.dst_ip} ${row.dst_port} ${row.a_source}`,
      gap.value * 1e6
    ).map(incident);
  },
  yieldsTo: (incident, other) =>
    ["brute_force", "web_scan"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    (other.dst_ip === null || other.dst_ip === incident.dst_ip) &&
    overlaps(incident, other)
});

function incident(rows: readonly Row[]): Incident {
  const peak = rows.reduce((a, b) => (b.peak > a.peak ? b : a));
  const {capture_sha256, dst_ip, dst_port, a_source, sources, is_varied} = peak;
  const limit = a_source !== null ? limits.rate : is_varied === 1 ? limits.varied_rate : limits.crowd_rate;
  const time = extent(rows);
  return {
    capture_sha256,
    ...time,
    src_ip: a_source,
    dst_ip,
    dst_port,
    flows: total(rows, (row) => row.flows),
    summary: `${a_source ?? counted(sources, "client")} sent up to ${amount(peak.peak)} requests/s to the web server ${dst_ip} port ${dst_port} for ${span(time.ts_end - time.ts_start)}.`,
    reasons: [
      atLeast("requests", peak.peak, limit),
      atMost("share of different paths", peak.paths_share, limits.paths),
      fact(
        "requests in all",
        total(rows, (row) => row.requests)
      ),
      fact("clients", sources)
    ]
  };
}
