import {isGroupAddress} from "./addresses.ts";
import {overlaps} from "./merge.ts";
import {hotWindows, packetsPerWindow} from "./rate-windows.ts";
import {defineRule, type Limit, type RuleRow} from "./rule.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  peak: number;
  window_flows: number;
  sources: number;
  a_source: string;
  ports: number;
  a_port: number;
};

const windowMs = 2000;

const limits = {
  rate: {value: 200, unit: "packets/s", doc: "Unanswered UDP packets to few ports of one host, mean of a 2 s window"},
  random_rate: {value: 500, unit: "packets/s", doc: "The same to many ports; slower ones are a scan"},
  stream_rate: {value: 5000, unit: "packets/s", doc: "The same in few flows, as a stream has them"},
  window_flows: {value: 100, unit: "flows", doc: "So many flows in one window are no stream"},
  flows_per_port: {value: 10, unit: "flows a port", doc: "From this many on, the packets go to few ports"},
  answered: {value: 0.05, unit: "of the packets", doc: "A flow with more answers than this is a conversation"},
  gap: {value: 20, unit: "s", doc: "Windows over the limit so close together are one incident"}
} as const;

/** A stream of so many packets to a port where the same hosts have a conversation by TCP is a test of the line (iperf). */
const conversation = 1000;

/** Services that send without being answered: traps, syslog, StatsD, NetFlow, IPFIX, sFlow. */
const oneWayPorts = [162, 514, 2055, 4739, 6343, 8125, 9995, 9996];

/** UDP flood: many packets to a host that it does not answer; those of many servers are told by `reflection`. */
export const udpFlood = defineRule<typeof limits, Row>({
  name: "udp_flood",
  doc: "A host gets UDP packets at a rate and in a number of flows that it does not answer.",
  blindTo:
    "Floods of requests that are answered (DNS queries); reflected floods in a capture that holds forged requests as well.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 17"},
  judgesOpen: true,
  countedFlows: "f.proto = 17",
  query: (scope, {rate, random_rate, stream_rate, window_flows, flows_per_port, answered, gap}) => `
    SELECT capture_sha256, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(flows) AS flows,
      max(packets) / ${windowMs / 1000}e0 AS peak, max(flows) AS window_flows, max(sources) AS sources, min(a_source) AS a_source,
      max(ports) AS ports, min(a_port) AS a_port
    FROM ${hotWindows(scope.dialect, {
      from: `(SELECT capture_sha256, ts_start, ts_end, duration_us, src_ip, dst_ip, dst_port, src_pkts FROM ${scope.rows("flows")} f
        WHERE proto = 17 AND dst_pkts <= ${answered.value} * src_pkts AND NOT ${isGroupAddress("dst_ip")} AND dst_port NOT IN (${oneWayPorts.join(", ")})
          AND NOT (src_pkts >= ${conversation} AND EXISTS (SELECT 1 FROM ${scope.rows("flows")} t WHERE t.capture_sha256 = f.capture_sha256 AND t.proto = 6
            AND t.src_ip = f.src_ip AND t.dst_ip = f.dst_ip AND t.dst_port = f.dst_port AND t.src_payload_bytes > 0 AND t.dst_payload_bytes > 0)))`,
      keys: ["capture_sha256", "dst_ip"],
      figures: `sum(${packetsPerWindow("src_pkts", windowMs)}) AS packets, count(DISTINCT src_ip) AS sources, min(src_ip) AS a_source,
        count(DISTINCT dst_port) AS ports, min(dst_port) AS a_port`,
      having: `sum(${packetsPerWindow("src_pkts", windowMs)}) * 1000e0 / ${windowMs} >= CASE WHEN count(*) < ${window_flows.value} THEN ${stream_rate.value}
        WHEN count(*) < ${flows_per_port.value} * count(DISTINCT dst_port) THEN ${random_rate.value} ELSE ${rate.value} END`,
      windowMs,
      gapMs: gap.value * 1000
    })} e
    GROUP BY capture_sha256, dst_ip, episode`,
  incidents: (rows) =>
    rows.map(
      ({capture_sha256, dst_ip, ts_start, ts_end, flows, peak, window_flows, sources, a_source, ports, a_port}) => ({
        capture_sha256,
        ts_start,
        ts_end,
        src_ip: sources === 1 ? a_source : null,
        dst_ip,
        dst_port: ports === 1 ? a_port : null,
        flows,
        summary: `${sources === 1 ? a_source : counted(sources, "address", "addresses")} sent up to ${amount(peak)} UDP packets/s to ${dst_ip}, which did not answer, for ${span(ts_end - ts_start)}.`,
        reasons: [
          atLeast("unanswered UDP packets", peak, limitOf(window_flows, ports)),
          fact("flows in one window", window_flows),
          fact("source addresses in one window", sources),
          fact("ports in one window", ports)
        ]
      })
    ),
  yieldsTo: (incident, other) =>
    other.rule === "reflection" && other.dst_ip === incident.dst_ip && overlaps(incident, other)
});

function limitOf(flows: number, ports: number): Limit {
  if (flows < limits.window_flows.value) return limits.stream_rate;
  return flows < limits.flows_per_port.value * ports ? limits.random_rate : limits.rate;
}
