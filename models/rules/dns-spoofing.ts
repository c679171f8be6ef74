import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  query: string;
  first: string;
  second: string;
};

const limits = {
  answers: {value: 1, unit: "names", doc: "Names for which one question gets two answers with other addresses each"},
  many: {value: 2, unit: "names", doc: "From so many on the severity is high"},
  wait: {value: 5, unit: "s", doc: "The second answer comes within so long after the first"},
  gap: {value: 600, unit: "s", doc: "Answers so close together are one incident"}
} as const;

/**
 * False DNS answers (dnsspoof, Ettercap, Bettercap, injection on the way): the true server does not know that somebody was
 * faster, so that one question has two answers, with other addresses each. A client that asks again asks twice.
 */
export const dnsSpoofing = defineRule<typeof limits, Row>({
  name: "dns_spoofing",
  doc: "A question of DNS is answered twice, by one server's address, with different addresses.",
  blindTo:
    "Spoofers who keep the true answer away (between client and server), and answers beyond DNS without TLS; which of both is true. Censors and captive portals that inject answers look the same: they do the same.",
  attackTechnique: "T1557",
  severity: "medium",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {dns: "rtt_us IS NULL AND answers IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {wait}) => `
    WITH addresses AS (
      SELECT d.capture_sha256, d.flow_id, d.ts, ${scope.dialect.epochMs("d.ts")} AS at_ms, d.client_ip, d.server_ip, d.transaction_id, d.query, d.qtype_name, d.answers, d.rtt_us
      FROM ${scope.rows("dns")} d WHERE d.rcode = 0 AND d.qtype_name IN ('A', 'AAAA') AND d.answers IS NOT NULL AND d.answers <> '[]')
    SELECT b.capture_sha256, CAST(b.flow_id AS VARCHAR) AS flow_id, b.server_ip AS src_ip, b.client_ip AS dst_ip, f.src_port AS dst_port, a.ts AS ts_start, b.ts AS ts_end, b.query,
      substr(a.answers, 1, 80) AS first, substr(b.answers, 1, 80) AS second
    FROM addresses a JOIN addresses b ON a.capture_sha256 = b.capture_sha256 AND a.client_ip = b.client_ip AND a.server_ip = b.server_ip
      AND a.transaction_id = b.transaction_id AND a.query = b.query AND a.qtype_name = b.qtype_name AND a.flow_id = b.flow_id
    JOIN ${scope.rows("flows")} f ON f.flow_id = b.flow_id AND f.capture_sha256 = b.capture_sha256
    WHERE f.service = 'dns' AND f.proto = 17 AND a.rtt_us IS NOT NULL AND b.rtt_us IS NULL AND a.answers NOT LIKE '%,%' AND b.answers NOT LIKE '%,%' AND a.answers <> b.answers
      AND b.at_ms - a.at_ms BETWEEN 0 AND ${wait.value * 1000}`,
  incidents: (rows, {gap, answers, many}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, query, first, second}] = group;
      const names = new Set(group.map((row) => row.query)).size;
      return {
        ...placeOfFlows(group),
        dst_port: null,
        severity: names >= many.value ? "high" : "medium",
        summary: `${counted(names, "name")} got two answers each by DNS under the address of ${src_ip}, ${query} ${first} and ${second}.`,
        reasons: [
          atLeast("names with two answers", names, answers),
          fact("the first name", query),
          fact("its first answer", first),
          fact("its second answer", second)
        ]
      };
    })
});
