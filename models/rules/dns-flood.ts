import {registered} from "./registered-name.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  domain: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  names: number;
  clients: number;
  server_ip: string | null;
  failed: number;
};

const limits = {
  names: {value: 200, unit: "names", doc: "Different names below one domain that nobody has, within a session"},
  clients: {value: 5, unit: "clients", doc: "Clients that ask for them; of a single one `dns_tunnel` tells"},
  failed: {
    value: 0.8,
    unit: "of the questions",
    doc: "Least share of answers that there is no such name, of failures, and of questions without an answer"
  },
  gap: {value: 10, unit: "s", doc: "A session ends when no such name is asked for for so long"}
} as const;

/**
 * Random subdomain attack (“water torture”): many clients, or forged addresses, ask for ever new names below a domain, so
 * that its name servers, or the resolvers that ask them, have no time for anybody else.
 */
export const dnsFlood = defineRule<typeof limits, Row>({
  name: "dns_flood",
  doc: "Many clients ask for ever new names below one domain that do not exist.",
  blindTo:
    "Floods by questions for one name; less than two hundred names; domains that answer for every name. A service that looks up hashes below its own domain for many clients, and finds few, looks the same.",
  attackTechnique: "T1499.002",
  severity: "high",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {dns: "rcode IS NULL OR rcode IN (2, 3)"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {names, clients, failed, gap}) => `
    SELECT capture_sha256, domain, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(DISTINCT name) AS names,
      count(DISTINCT client_ip) AS clients, CASE WHEN count(DISTINCT server_ip) = 1 THEN min(server_ip) END AS server_ip, avg(failed) AS failed
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, server_ip, name, ${registered} AS domain, CASE WHEN rcode IS NULL OR rcode IN (2, 3) THEN 1e0 ELSE 0e0 END AS failed
        FROM (SELECT d.*, lower(query) AS name FROM ${scope.rows("dns")} d WHERE query IS NOT NULL) q
        WHERE name LIKE '%.%' AND name NOT LIKE '%.arpa' AND name NOT LIKE '%.local')`,
      ["capture_sha256", "domain"],
      gap.value * 1000
    )} s
    WHERE domain <> ''
    GROUP BY capture_sha256, domain, session
    HAVING count(DISTINCT name) >= ${names.value} AND count(DISTINCT client_ip) >= ${clients.value} AND avg(failed) >= ${failed.value}`,
  incidents: (rows, {names, clients, failed}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ts_start: row.ts_start,
      ts_end: row.ts_end,
      src_ip: null,
      dst_ip: row.server_ip,
      dst_port: 53,
      flows: row.flows,
      summary: `${counted(row.clients, "client")} asked for ${counted(row.names, "name")} below ${row.domain} that do not exist, in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("different names", row.names, names),
        atLeast("clients", row.clients, clients),
        atLeast("share without a name", row.failed, failed),
        fact("domain", row.domain)
      ]
    }))
});
