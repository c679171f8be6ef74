import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string | null;
  ts_start: number;
  ts_end: number;
  flows: number;
  answers: number;
  name: string;
  answer: string;
};

const limits = {
  answers: {
    value: 1,
    unit: "answers",
    doc: "Answers to a client that hold an address of 0.0.0.0/8 other than its first two, which no host can have (RFC 1122 §3.2.1.3)"
  },
  gap: {value: 3600, unit: "s", doc: "Answers so close together are one incident"}
} as const;

/** Cobalt Strike's server of names answers 0.0.0.0 while there is nothing to do, else by a number in the last octet, and then by the length of the order. */
export const dnsOrders = defineRule<typeof limits, Row>({
  name: "dns_orders",
  doc: "A name's address is one that no host can have: a number, by which a server of names gives orders.",
  blindTo:
    "Numbers in addresses that hosts can have (`dns_answers` tells of many), or hidden by a server's own idle address; answers within TLS. Blocked names, whose address is 0.0.0.0 or 0.0.0.1, are left out.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["dns", "flows"],
  startsFrom: {dns: "answers LIKE '[\"0.%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {answers, gap}) => `
    SELECT capture_sha256, client_ip AS src_ip, CASE WHEN count(DISTINCT server_ip) = 1 THEN min(server_ip) END AS dst_ip, min(ts_start) AS ts_start, max(ts_start) AS ts_end,
      count(DISTINCT flow_id) AS flows, count(*) AS answers, min(lower(query)) AS name, max(answers) AS answer
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, server_ip, query, answers FROM ${scope.rows("dns")} d
        WHERE qtype = 1 AND rcode = 0 AND answers LIKE '["0.%' AND answers NOT LIKE '["0.0.0.0"%' AND answers NOT LIKE '["0.0.0.1"%')`,
      ["capture_sha256", "client_ip"],
      gap.value * 1000
    )} s GROUP BY capture_sha256, client_ip, session HAVING count(*) >= ${answers.value}`,
  incidents: (rows, {answers}) =>
    rows.map(({capture_sha256, src_ip, dst_ip, ts_start, ts_end, flows, name, answer, ...row}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip,
      dst_ip,
      dst_port: 53,
      flows,
      summary: `${src_ip} got ${counted(row.answers, "number")} in place of an address for names such as ${name}.`,
      reasons: [
        atLeast("answers that no host can have", row.answers, answers),
        fact("one of them", answer.slice(0, 40))
      ]
    })),
  yieldsTo: (incident, other) => other.rule === "dns_tunnel" && other.src_ip === incident.src_ip
});
