import {isGroupAddress} from "./addresses.ts";
import {overlaps} from "./merge.ts";
import {hotWindows, packetsPerWindow} from "./rate-windows.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  /** The source of a flood by one, or the targets' network (its first three numbers and a dot). */
  key: string;
  kind: "source" | "network";
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  targets: number;
  sources: number;
  a_source: string;
};

const windowMs = 2000;

const limits = {
  rate: {
    value: 400,
    unit: "packets/s",
    doc: "SYNs without handshake and unanswered UDP packets of one source, or to one network of 256 addresses, mean of a 2 s window"
  },
  targets: {value: 5, unit: "hosts", doc: "Different targets in one window"},
  each: {
    value: 20,
    unit: "packets",
    doc: "Least mean number of packets to a target in one window: a scan sends a host a few"
  },
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

/** Flood to many targets (carpet bombing): each target gets too little to be told by itself, all together a flood. */
export const carpetFlood = defineRule<typeof limits, Row>({
  name: "carpet_flood",
  doc: "Many hosts together get a flood of packets that none of them answers.",
  blindTo:
    "Targets spread over several networks by many sources; floods over IPv6 to many targets by many sources; floods that are answered. A source of media streams to many receivers that never answer looks the same.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["flows"],
  judgesOpen: true,
  countedFlows: "f.proto IN (6, 17) AND f.dst_pkts * 20 <= f.src_pkts",
  query: (scope, {rate, targets, each, gap}) => {
    const packets = `sum(${packetsPerWindow("src_pkts", windowMs)})`;
    const windows = (kind: Row["kind"], key: string) => `
    SELECT capture_sha256, '${kind}' AS kind, flood_key AS "key", min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(flows) AS flows,
      max(packets) / ${windowMs / 1000}e0 AS peak, max(targets) AS targets, max(sources) AS sources, min(a_source) AS a_source
    FROM ${hotWindows(scope.dialect, {
      from: `(SELECT capture_sha256, ts_start, ts_end, duration_us, src_ip, dst_ip, src_pkts, ${key} AS flood_key FROM ${scope.rows("flows")} f
        WHERE dst_pkts * 20 <= src_pkts AND NOT ${isGroupAddress("dst_ip")} AND ${key} <> ''
          AND ((proto = 6 AND history LIKE 'S%' AND history NOT LIKE '%A%' AND history NOT LIKE '%D%') OR proto = 17))`,
      keys: ["capture_sha256", "flood_key"],
      figures: `${packets} AS packets, count(DISTINCT dst_ip) AS targets, count(DISTINCT src_ip) AS sources, min(src_ip) AS a_source`,
      having: `${packets} >= ${(rate.value * windowMs) / 1000} AND count(DISTINCT dst_ip) >= ${targets.value} AND ${packets} >= ${each.value} * count(DISTINCT dst_ip)`,
      windowMs,
      gapMs: gap.value * 1000
    })} e
    GROUP BY capture_sha256, flood_key, episode`;
    return `${windows("source", "src_ip")} UNION ALL ${windows("network", "coalesce(regexp_extract(dst_ip, '^[0-9]+[.][0-9]+[.][0-9]+[.]'), '')")}`;
  },
  incidents: (rows) =>
    rows
      // A network that one source floods is told by the source.
      .filter(
        (row) =>
          row.kind === "source" ||
          !rows.some((other) => other.kind === "source" && other.key === row.a_source && overlaps(row, other))
      )
      .map(({capture_sha256, key, kind, ts_start, ts_end, flows, peak, targets, sources}) => ({
        capture_sha256,
        ts_start,
        ts_end,
        src_ip: kind === "source" ? key : null,
        dst_ip: null,
        dst_port: null,
        flows,
        summary: `${kind === "source" ? key : counted(sources, "address", "addresses")} sent up to ${amount(peak)} packets/s to ${counted(targets, "host")}${kind === "network" ? ` of ${key}0/24` : ""} for ${span(ts_end - ts_start)}; none answered.`,
        reasons: [
          atLeast("unanswered packets", peak, limits.rate),
          atLeast("targets in one window", targets, limits.targets),
          fact("source addresses in one window", sources)
        ]
      })),
  yieldsTo: (incident, other) =>
    ["syn_flood", "udp_flood"].includes(other.rule) &&
    (incident.src_ip === null || other.src_ip === null || other.src_ip === incident.src_ip) &&
    overlaps(incident, other)
});
