import {common, extent, together, total} from "./merge.ts";
import {hotWindows, packetsPerWindow} from "./rate-windows.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  dst_ip: string;
  dst_port: number;
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  half_open_share: number;
  sources: number;
  a_source: string;
};

const windowMs = 2000;

const limits = {
  rate: {value: 75, unit: "SYN/s", doc: "SYNs to one port of a host that no handshake followed, mean of a 2 s window"},
  half_open_share: {value: 0.5, unit: "of the flows to the port", doc: "Least share of unfinished handshakes"},
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

/**
 * SYN flood: handshakes to a port are begun at a rate and not finished by whoever began them. Counted by target, since
 * the sources are often forged.
 */
export const synFlood = defineRule<typeof limits, Row>({
  name: "syn_flood",
  doc: "Handshakes with one service are begun in great number and never finished.",
  blindTo: "Whether the service suffered; who really sent forged packets; floods of ACK, RST or FIN packets.",
  attackTechnique: "T1499.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6"},
  judgesOpen: true,
  countedFlows: "f.proto = 6",
  query: (scope, {rate, half_open_share, gap}) => `
    SELECT capture_sha256, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(half_open) AS flows,
      max(syns) / ${windowMs / 1000}e0 AS peak, CAST(sum(half_open) AS DOUBLE) / sum(flows) AS half_open_share,
      max(sources) AS sources, min(a_source) AS a_source
    FROM ${hotWindows(scope.dialect, {
      from: `(SELECT capture_sha256, ts_start, ts_end, duration_us, src_ip, dst_ip, dst_port, src_pkts,
          CASE WHEN history LIKE 'S%' AND history NOT LIKE '%A%' AND history NOT LIKE '%D%' THEN 1 ELSE 0 END AS is_half_open
        FROM ${scope.rows("flows")} f WHERE proto = 6)`,
      keys: ["capture_sha256", "dst_ip", "dst_port"],
      figures: `sum(is_half_open) AS half_open, sum(is_half_open * ${packetsPerWindow("src_pkts", windowMs)}) AS syns,
        count(DISTINCT CASE WHEN is_half_open = 1 THEN src_ip END) AS sources, min(CASE WHEN is_half_open = 1 THEN src_ip END) AS a_source`,
      first: `sum(is_half_open * ${packetsPerWindow("src_pkts", windowMs)}) >= ${(rate.value * windowMs) / 1000}`,
      having: `sum(is_half_open) >= ${half_open_share.value} * count(*)`,
      windowMs,
      gapMs: gap.value * 1000
    })} e
    GROUP BY capture_sha256, dst_ip, dst_port, episode`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, dst_ip, a_source}] = group;
      const peak = group.reduce((a, b) => (b.peak > a.peak ? b : a));
      const port = common(group.map((row) => row.dst_port));
      const one = peak.sources === 1 && common(group.map((row) => row.a_source)) !== null;
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip: one ? a_source : null,
        dst_ip,
        dst_port: port,
        flows: total(group, (row) => row.flows),
        summary: `${one ? a_source : counted(peak.sources, "address", "addresses")} sent up to ${amount(peak.peak)} SYN/s to ${dst_ip}${port === null ? "" : ` port ${port}`} for ${span(time.ts_end - time.ts_start)} and finished no handshake.`,
        reasons: [
          atLeast("SYN without handshake", peak.peak, limits.rate),
          atLeast("share of unfinished handshakes", peak.half_open_share, limits.half_open_share),
          fact("source addresses in one window", peak.sources)
        ]
      };
    })
});
