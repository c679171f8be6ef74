import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  seconds: number;
  ratio: number;
  answered: number;
  /** Requests in the longest flow. */
  longest: number;
};

const limits = {
  requests: {
    value: 50,
    unit: "packets",
    doc: "Requests in the name of one address to one service of one server within a session"
  },
  per_second: {value: 5, unit: "packets/s", doc: "Least mean rate of them"},
  ratio: {
    value: 10,
    unit: "bytes sent per byte received",
    doc: "Least ratio of the answers' payload to that of the requests"
  },
  clock: {
    value: 100,
    unit: "packets",
    doc: "Alone enough: questions by NTP from one port within one flow, at the rate below; a clock asks eight at most, two seconds apart"
  },
  clock_rate: {value: 10, unit: "packets/s", doc: "Least mean rate of those"},
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Services over UDP that answer a small request with a large answer: quotes, characters, DNS, NTP (monlist), LDAP, SSDP, memcached. */
const amplifiers = {
  17: "quote of the day",
  19: "chargen",
  53: "DNS",
  123: "NTP",
  389: "LDAP",
  1900: "SSDP",
  11211: "memcached"
} as const;

/** A server that amplifies: small requests, in the name of a victim and at a rate, get answers many times their size. */
export const amplifierAbuse = defineRule<typeof limits, Row>({
  name: "amplifier_abuse",
  doc: "A server answers requests by UDP with many times as much, or as fast as no clock asks: its answers hit whoever the requests name.",
  blindTo:
    "Who sent the requests in truth; limited rates; SNMP, whose tables are as large in ordinary polling; captures of answers alone (`reflection` tells of them). A test of a resolver's load with large answers looks the same.",
  attackTechnique: "T1498.002",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: `proto = 17 AND dst_port IN (${Object.keys(amplifiers).join(", ")})`},
  countedFlows: `f.proto = 17 AND f.dst_port IN (${Object.keys(amplifiers).join(", ")})`,
  query: (scope, {requests, per_second, ratio, clock, clock_rate, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, sum(src_pkts) AS requests,
        greatest(max(end_ms) - min(at_ms), 1000) / 1000e0 AS seconds, ${scope.dialect.ratio("sum(dst_payload_bytes)", "sum(src_payload_bytes)")} AS ratio,
        sum(dst_payload_bytes) AS answered, max(src_pkts) AS longest
      FROM ${sessions(
        scope.dialect,
        `(SELECT capture_sha256, flow_id, ts_start, ts_end, ${scope.dialect.epochMs("ts_end")} AS end_ms, src_ip, dst_ip, dst_port, src_pkts, src_payload_bytes, dst_payload_bytes
          FROM ${scope.rows("flows")} f WHERE proto = 17 AND dst_port IN (${Object.keys(amplifiers).join(", ")}) AND src_pkts > 0 AND dst_pkts > 0)`,
        ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session) g
    WHERE (requests >= ${requests.value} AND requests >= ${per_second.value} * seconds AND ratio >= ${ratio.value})
      OR (dst_port = 123 AND longest >= ${clock.value} AND longest >= ${clock_rate.value} * seconds)`,
  incidents: (rows, {requests, per_second, ratio, clock, clock_rate, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_port}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, dst_port}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const most = group.reduce((a, b) => (b.requests > a.requests ? b : a));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port,
        flows: total(group, (row) => row.flows),
        summary: `${server ?? counted(group.length, "server")} answered ${amount(total(group, (row) => row.requests))} ${amplifiers[dst_port as keyof typeof amplifiers]} requests in the name of ${src_ip} with ${amount(most.ratio)} times their size in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          ...(most.ratio >= ratio.value
            ? [
                atLeast("requests", most.requests, requests),
                atLeast("mean rate of requests", most.requests / most.seconds, per_second),
                atLeast("ratio of the answers to the requests", most.ratio, ratio)
              ]
            : [
                atLeast("questions by NTP in one flow", most.longest, clock),
                atLeast("mean rate of questions", most.longest / most.seconds, clock_rate)
              ]),
          fact("answered", most.answered, "bytes")
        ]
      };
    }),
  yieldsTo: (incident, other) => other.rule === "dns_tunnel" && other.src_ip === incident.src_ip
});
