import {common, extent, together, total} from "./merge.ts";
import {hotWindows, packetsPerWindow} from "./rate-windows.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  dst_ip: string;
  proto: number;
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  window_flows: number;
  sources: number;
  a_source: string;
};

const windowMs = 2000;

const limits = {
  rate: {
    value: 200,
    unit: "packets/s",
    doc: "Packets to one host that belong to no connection, and to which nothing but a reset comes back, mean of a 2 s window"
  },
  flows: {
    value: 100,
    unit: "flows",
    doc: "In so many flows of one window: a capture of one direction has few and long ones"
  },
  flows_per_port: {value: 10, unit: "flows a port", doc: "Least number of flows to a port; fewer are a scan"},
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

const names: Readonly<Record<number, string>> = {4: "IP-in-IP", 6: "TCP", 47: "GRE", 50: "ESP", 51: "AH", 132: "SCTP"};

/**
 * Flood of packets that begin nothing: TCP segments with ACK, FIN, RST, PSH or with all flags that belong to no connection
 * (Mirai's ACK flood, “Xmas”), and packets of GRE, ESP and other protocols from forged addresses.
 */
export const strayFlood = defineRule<typeof limits, Row>({
  name: "stray_flood",
  doc: "A host gets a flood of packets that belong to no connection: ACK, FIN, RST, odd flags, GRE and others.",
  blindTo:
    "Floods over one connection or from one port to one port; fragments; who really sent forged packets. A capture of one direction of very many short connections, begun before it, looks the same.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {
    flows: "(proto = 6 AND history NOT LIKE 'S%' AND dst_payload_bytes = 0) OR proto NOT IN (1, 2, 6, 17, 58)"
  },
  judgesOpen: true,
  countedFlows: "f.src_pkts > 0",
  query: (scope, {rate, flows, flows_per_port, gap}) => `
    SELECT capture_sha256, dst_ip, proto, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(flows) AS flows, max(packets) / ${windowMs / 1000}e0 AS peak,
      max(flows) AS window_flows, max(sources) AS sources, min(a_source) AS a_source
    FROM ${hotWindows(scope.dialect, {
      from: `(SELECT capture_sha256, ts_start, ts_end, duration_us, src_ip, dst_ip, dst_port, proto, src_pkts FROM ${scope.rows("flows")} f
        WHERE src_pkts > 0 AND dst_payload_bytes = 0 AND ((proto = 6 AND history NOT LIKE 'S%' AND history NOT LIKE 'H%' AND history NOT LIKE '%a%' AND history NOT LIKE '%h%')
          OR (proto NOT IN (1, 2, 6, 17, 58) AND dst_pkts = 0)))`,
      keys: ["capture_sha256", "dst_ip", "proto"],
      figures: `sum(${packetsPerWindow("src_pkts", windowMs)}) AS packets, count(DISTINCT dst_port) AS ports, count(DISTINCT src_ip) AS sources, min(src_ip) AS a_source`,
      having: `sum(${packetsPerWindow("src_pkts", windowMs)}) >= ${(rate.value * windowMs) / 1000} AND count(*) >= ${flows.value} AND count(*) >= ${flows_per_port.value} * count(DISTINCT dst_port)`,
      windowMs,
      gapMs: gap.value * 1000
    })} e
    GROUP BY capture_sha256, dst_ip, proto, episode`,
  incidents: (rows, {rate, flows, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.dst_ip} ${row.proto}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, dst_ip, proto, a_source}] = group;
      const peak = group.reduce((a, b) => (b.peak > a.peak ? b : a));
      const one = peak.sources === 1 && common(group.map((row) => row.a_source)) !== null;
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip: one ? a_source : null,
        dst_ip,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${one ? a_source : counted(peak.sources, "address", "addresses")} sent ${dst_ip} up to ${amount(peak.peak)} ${names[proto] ?? `protocol ${proto}`} packets/s that belong to no connection, for ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("packets that belong to no connection", peak.peak, rate),
          atLeast("flows in one window", peak.window_flows, flows),
          fact("source addresses in one window", peak.sources)
        ]
      };
    })
});
