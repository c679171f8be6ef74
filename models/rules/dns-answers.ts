import {registered} from "./registered-name.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string | null;
  ts_start: number;
  ts_end: number;
  flows: number;
  domain: string;
  names: number;
  answers: number;
  nets: number;
};

const limits = {
  names: {
    value: 25,
    unit: "names",
    doc: "Different names below one domain that one client asks for within a session and gets an address for"
  },
  answers: {value: 25, unit: "addresses", doc: "Different first addresses among the answers"},
  nets: {
    value: 25,
    unit: "networks",
    doc: "Different first octets of those addresses: machines of one owner are in a few networks, data are in all"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** The first address in an answer. */
const address = `regexp_extract(d.answers, '^."([0-9.]+)"', 1)`;

/** The first octet of that address. */
const octet = `regexp_extract(answers, '^."([0-9]+)[.]', 1)`;

/**
 * Orders in addresses (OilRig's Helminth and QUADAGENT, DNSpionage, Anchor, SUNBURST's kin): each answer of type A holds four
 * bytes of what the other side says, so that the addresses of one domain lie in networks all over the Internet. Nobody talks
 * with such an address.
 */
export const dnsAnswers = defineRule<typeof limits, Row>({
  name: "dns_answers",
  doc: "The names that one client asks for below one domain have addresses in ever different networks, and nobody talks with them, as where answers carry data.",
  blindTo:
    "Answers by other types (`dns_tunnel`, `dns_beacon`), of IPv6, or that repeat; fewer names. A provider of names for customers' machines all over the world, or a pool of volunteers' servers, looks the same where a client asks for very many of them and the connections are not in the capture.",
  attackTechnique: "T1071.004",
  severity: "medium",
  limits,
  tables: ["dns", "flows"],
  startsFrom: {dns: "qtype = 1 AND rcode = 0"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {names, answers, nets, gap}) => `
    SELECT capture_sha256, client_ip AS src_ip, CASE WHEN count(DISTINCT server_ip) = 1 THEN min(server_ip) END AS dst_ip, min(ts_start) AS ts_start, max(ts_start) AS ts_end,
      count(DISTINCT flow_id) AS flows, domain, count(DISTINCT name) AS names, count(DISTINCT answers) AS answers, count(DISTINCT ${octet}) AS nets
    FROM ${sessions(
      scope.dialect,
      `(SELECT q.*, ${registered} AS domain FROM (SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, server_ip, answers, lower(query) AS name
          FROM ${scope.rows("dns")} d LEFT JOIN (SELECT DISTINCT capture_sha256 AS capture, dst_ip AS reached FROM ${scope.rows("flows")} f WHERE dst_port <> 53) r
            ON r.capture = d.capture_sha256 AND r.reached = ${address}
          WHERE r.reached IS NULL AND qtype = 1 AND rcode = 0 AND query LIKE '%.%.%' AND answers LIKE '["%' AND answers NOT LIKE '["127.%') q WHERE name NOT LIKE '%.arpa')`,
      ["capture_sha256", "client_ip", "domain"],
      gap.value * 1000
    )} s
    WHERE domain <> '' AND ${octet} <> ''
    GROUP BY capture_sha256, client_ip, domain, session
    HAVING count(DISTINCT name) >= ${names.value} AND count(DISTINCT answers) >= ${answers.value} AND count(DISTINCT ${octet}) >= ${nets.value}`,
  incidents: (rows, {names, nets}) =>
    rows.map(({capture_sha256, src_ip, dst_ip, ts_start, ts_end, flows, domain, ...row}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip,
      dst_ip,
      dst_port: 53,
      flows,
      summary: `${src_ip} asked for ${amount(row.names)} names below ${domain} in ${span(ts_end - ts_start)}, whose addresses lie in ${row.nets} networks.`,
      reasons: [
        atLeast("different names", row.names, names),
        atLeast("first octets of their addresses", row.nets, nets),
        fact("different addresses", row.answers)
      ]
    })),
  yieldsTo: (incident, other) => other.rule === "dns_tunnel" && other.src_ip === incident.src_ip
});
