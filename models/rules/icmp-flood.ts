import {hotWindows, packetsPerWindow} from "./rate-windows.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  bytes: number;
  sources: number;
  a_source: string;
};

const windowMs = 2000;

const limits = {
  rate: {
    value: 20,
    unit: "packets/s",
    doc: "Echo packets of one sender to one host, mean of a 2 s window or of its flow; ping of an ordinary user sends five"
  },
  crowd_rate: {value: 200, unit: "packets/s", doc: "Echo packets of all senders to one host, mean of a 2 s window"},
  packets: {value: 200, unit: "packets", doc: "Echo packets in the flows that begin in one window"},
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

/** Ping flood and smurf: echo requests (timestamps, masks), or unasked replies, to one host faster than anyone tests a line. */
export const icmpFlood = defineRule<typeof limits, Row>({
  name: "icmp_flood",
  doc: "A host gets ICMP echo packets, or others that ask and answer, at a rate that no test of a line needs.",
  blindTo:
    "Floods of other ICMP types (unreachables are often answers to another flood); who really sent forged packets.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto IN (1, 58)"},
  judgesOpen: true,
  countedFlows: "f.proto IN (1, 58)",
  query: (scope, {rate, crowd_rate, packets, gap}) => `
    SELECT capture_sha256, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(flows) AS flows,
      max(packets) / ${windowMs / 1000}e0 AS peak, sum(bytes) AS bytes, max(sources) AS sources, min(a_source) AS a_source
    FROM ${hotWindows(scope.dialect, {
      from: `(SELECT capture_sha256, ts_start, ts_end, duration_us, src_ip, dst_ip, src_pkts, src_wire_bytes FROM ${scope.rows("flows")} f
        WHERE (proto = 1 AND src_port IN (8, 0, 13, 14, 15, 16, 17, 18)) OR (proto = 58 AND src_port IN (128, 129)))`,
      keys: ["capture_sha256", "dst_ip"],
      figures: `sum(${packetsPerWindow("src_pkts", windowMs)}) AS packets, sum(src_wire_bytes) AS bytes, count(DISTINCT src_ip) AS sources, min(src_ip) AS a_source`,
      having: `sum(src_pkts) >= ${packets.value} AND (sum(${packetsPerWindow("src_pkts", windowMs)}) * 1000e0 / ${windowMs} >= ${crowd_rate.value} OR max(${packetsPerWindow("src_pkts", windowMs)}) * 1000e0 / ${windowMs} >= ${rate.value})`,
      windowMs,
      gapMs: gap.value * 1000
    })} e
    GROUP BY capture_sha256, dst_ip, episode`,
  incidents: (rows) =>
    rows.map(({capture_sha256, dst_ip, ts_start, ts_end, flows, peak, bytes, sources, a_source}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip: sources === 1 ? a_source : null,
      dst_ip,
      dst_port: null,
      flows,
      summary: `${sources === 1 ? a_source : counted(sources, "address", "addresses")} sent up to ${amount(peak)} ICMP echo packets/s to ${dst_ip} for ${span(ts_end - ts_start)}.`,
      reasons: [
        atLeast("ICMP echo packets", peak, peak >= limits.crowd_rate.value ? limits.crowd_rate : limits.rate),
        fact("bytes on the wire", bytes, "bytes"),
        fact("source addresses in one window", sources)
      ]
    }))
});
