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
  /** Questions by DNS for one name; 0 where the flows tell. */
  repeats: number;
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
  repeats: {
    value: 100,
    unit: "questions",
    doc: "Alone enough, with medium severity: questions by DNS for one name and a type of large answers (TXT, ANY, DNSKEY, RRSIG) to one server, at the rate below; a resolver keeps the answer"
  },
  repeat_rate: {value: 10, unit: "questions/s", doc: "Least mean rate of those"},
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

/** Types of DNS records whose answers are large (RFC 1035, RFC 4034): TXT, RRSIG, DNSKEY, ANY. */
const largeTypes = [16, 46, 48, 255];

/** A server that amplifies: small requests, in the name of a victim and at a rate, get answers many times their size. */
export const amplifierAbuse = defineRule<typeof limits, Row>({
  name: "amplifier_abuse",
  doc: "A server answers requests by UDP with many times as much, or as fast as no clock or resolver asks: its answers hit whoever the requests name.",
  blindTo:
    "Who sent the requests in truth; limited rates; SNMP, whose tables are as large in ordinary polling; captures of answers alone (`reflection` tells of them). A test of a resolver's load with large answers, or with one name, looks the same.",
  attackTechnique: "T1498.002",
  severity: "high",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {flows: `proto = 17 AND dst_port IN (${Object.keys(amplifiers).join(", ")})`},
  countedFlows: `f.proto = 17 AND f.dst_port IN (${Object.keys(amplifiers).join(", ")})`,
  query: (scope, {requests, per_second, ratio, clock, clock_rate, repeats, repeat_rate, gap}) => `
    SELECT g.*, 0 AS repeats FROM (
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
      OR (dst_port = 123 AND longest >= ${clock.value} AND longest >= ${clock_rate.value} * seconds)
    UNION ALL
    SELECT capture_sha256, src_ip, dst_ip, 53 AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(*) AS requests,
      greatest(max(at_ms) - min(at_ms), 1000) / 1000e0 AS seconds, 0e0 AS ratio, 0 AS answered, 0 AS longest, count(*) AS repeats
    FROM ${sessions(
      scope.dialect,
      `(SELECT d.capture_sha256, d.flow_id, d.ts AS ts_start, d.client_ip AS src_ip, d.server_ip AS dst_ip, lower(d.query) AS name, d.qtype
        FROM ${scope.rows("dns")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
        WHERE f.proto = 17 AND f.dst_port = 53 AND d.qtype IN (${largeTypes.join(", ")}))`,
      ["capture_sha256", "src_ip", "dst_ip", "name", "qtype"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, name, qtype, session
    HAVING count(*) >= ${repeats.value} AND count(*) * 1000e0 >= ${repeat_rate.value} * greatest(max(at_ms) - min(at_ms), 1000)`,
  incidents: (rows, {requests, per_second, ratio, clock, clock_rate, repeats, repeat_rate, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_port}`, gap.value * 1e6).map((all) => {
      // What flows tell is not told again by their questions.
      const byFlows = all.filter((row) => row.repeats === 0);
      const group = byFlows.length > 0 ? byFlows : all;
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
        ...(byFlows.length > 0 ? {} : {severity: "medium" as const}),
        summary:
          byFlows.length === 0
            ? `${server ?? counted(group.length, "server")} was asked the same by DNS ${amount(total(group, (row) => row.requests))} times in the name of ${src_ip} in ${span(time.ts_end - time.ts_start)}.`
            : `${server ?? counted(group.length, "server")} answered ${amount(total(group, (row) => row.requests))} ${amplifiers[dst_port as keyof typeof amplifiers]} requests in the name of ${src_ip} with ${amount(most.ratio)} times their size in ${span(time.ts_end - time.ts_start)}.`,
        reasons:
          byFlows.length === 0
            ? [
                atLeast("questions by DNS for one name", most.repeats, repeats),
                atLeast("mean rate of those questions", most.repeats / most.seconds, repeat_rate)
              ]
            : [
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
