import {isGroupAddress} from "./addresses.ts";
import {overlaps} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  ja4: string;
  server_name: string | null;
  median_ms: number;
  steady: number;
  size_variation: number;
  kinds: number;
};

const limits = {
  flows: {value: 8, unit: "connections", doc: "TLS connections by the rare fingerprint, all of one host to one server"},
  kinds: {value: 5, unit: "fingerprints", doc: "Other fingerprints in the capture: among few every one is rare"},
  others: {value: 1, unit: "fingerprints", doc: "Fingerprints by which the server is reached at most"},
  span: {value: 60, unit: "s", doc: "Time from the first of the connections to the last"},
  interval: {value: 1, unit: "s", doc: "Least median of the intervals between their starts"},
  longest: {value: 2.2, unit: "times the median", doc: "An interval up to so long is that of a program that reports"},
  steady: {value: 0.9, unit: "of the intervals", doc: "Least share of such intervals"},
  size_variation: {value: 0.5, unit: "of the mean", doc: "Standard deviation of the bytes sent per connection at most"}
} as const;

/**
 * A program that nobody else in the capture has, by the fingerprint of its ClientHello (JA4), talks with a server that
 * nobody else reaches, again and again and as regularly as a program that reports: command and control within TLS.
 */
export const rareTls = defineRule<typeof limits, Row>({
  name: "rare_tls",
  doc: "A rare TLS client talks regularly with one server that nothing else in the capture reaches.",
  blindTo:
    "Malware that uses the system's TLS library or imitates a browser's fingerprint; one long connection; captures with fewer than six fingerprints. A device or agent of which the network has one, with a server of its own, looks the same.",
  attackTechnique: "T1573.002",
  severity: "medium",
  limits,
  tables: ["flows", "tls"],
  startsFrom: {tls: "TRUE"},
  countedFlows: "f.service = 'tls'",
  query: (scope, {flows, kinds, others, span, interval, longest, steady, size_variation}) => `
    WITH hellos AS (
      SELECT t.capture_sha256, t.ja4, t.server_name, f.flow_id, f.ts_start, f.ts_end, ${scope.dialect.epochMs("f.ts_start")} AS at_ms, f.src_ip, f.dst_ip, f.dst_port,
        f.src_payload_bytes FROM ${scope.rows("tls")} t JOIN ${scope.rows("flows")} f ON t.flow_id = f.flow_id AND t.capture_sha256 = f.capture_sha256
      WHERE f.proto = 6 AND f.dst_pkts > 0 AND NOT ${isGroupAddress("f.dst_ip")}),
    prints AS (SELECT capture_sha256, ja4 FROM hellos GROUP BY capture_sha256, ja4 HAVING count(DISTINCT src_ip) = 1 AND count(DISTINCT dst_ip) = 1 AND count(*) >= ${flows.value}),
    servers AS (SELECT capture_sha256, dst_ip FROM hellos GROUP BY capture_sha256, dst_ip HAVING count(DISTINCT ja4) <= ${others.value}),
    captures_kinds AS (SELECT capture_sha256, count(DISTINCT ja4) - 1 AS kinds FROM hellos GROUP BY capture_sha256),
    series AS (
      SELECT h.*, k.kinds, at_ms - lag(at_ms) OVER (PARTITION BY h.capture_sha256, h.ja4 ORDER BY at_ms, flow_id) AS interval_ms
      FROM hellos h JOIN prints p ON p.capture_sha256 = h.capture_sha256 AND p.ja4 = h.ja4
      JOIN servers s ON s.capture_sha256 = h.capture_sha256 AND s.dst_ip = h.dst_ip
      JOIN captures_kinds k ON k.capture_sha256 = h.capture_sha256 WHERE k.kinds >= ${kinds.value}),
    figures AS (
      SELECT capture_sha256, ja4, ${scope.dialect.quantile("CAST(interval_ms AS DOUBLE)", 0.5)} AS median_ms, sum(interval_ms) AS span_ms,
        ${scope.dialect.ratio("stddev_pop(src_payload_bytes)", "avg(src_payload_bytes)")} AS size_variation
      FROM series GROUP BY capture_sha256, ja4)
    SELECT s.capture_sha256, s.src_ip, s.dst_ip, min(s.dst_port) AS dst_port, s.ja4, min(s.server_name) AS server_name, min(s.ts_start) AS ts_start, max(s.ts_end) AS ts_end,
      count(*) AS flows, max(g.median_ms) AS median_ms, max(g.size_variation) AS size_variation, max(s.kinds) AS kinds,
      avg(CASE WHEN s.interval_ms IS NULL THEN NULL WHEN s.interval_ms <= ${longest.value} * g.median_ms THEN 1e0 ELSE 0e0 END) AS steady
    FROM series s JOIN figures g ON g.capture_sha256 = s.capture_sha256 AND g.ja4 = s.ja4
    WHERE g.median_ms >= ${interval.value * 1000} AND g.span_ms >= ${span.value * 1000} AND g.size_variation <= ${size_variation.value}
    GROUP BY s.capture_sha256, s.src_ip, s.dst_ip, s.ja4
    HAVING avg(CASE WHEN s.interval_ms IS NULL THEN NULL WHEN s.interval_ms <= ${longest.value} * g.median_ms THEN 1e0 ELSE 0e0 END) >= ${steady.value}`,
  incidents: (rows) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ts_start: row.ts_start,
      ts_end: row.ts_end,
      src_ip: row.src_ip,
      dst_ip: row.dst_ip,
      dst_port: row.dst_port,
      flows: row.flows,
      summary: `${row.src_ip} talked ${counted(row.flows, "time")} in ${span(row.ts_end - row.ts_start)} with ${row.server_name ?? row.dst_ip} by a TLS client that nothing else here has.`,
      reasons: [
        atLeast("connections by the rare fingerprint", row.flows, limits.flows),
        atLeast("other fingerprints in the capture", row.kinds, limits.kinds),
        atLeast("median interval", row.median_ms / 1000, limits.interval),
        atLeast("share of intervals that are not much longer", row.steady, limits.steady),
        atMost("variation of bytes sent", row.size_variation, limits.size_variation),
        fact("JA4", row.ja4)
      ]
    })),
  yieldsTo: (incident, other) =>
    other.rule === "beaconing" &&
    other.src_ip === incident.src_ip &&
    other.dst_ip === incident.dst_ip &&
    overlaps(incident, other)
});
