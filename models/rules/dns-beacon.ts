import {inNetworks} from "./addresses.ts";
import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  names: number;
  queries: number;
  carrier_share: number;
  domain: string;
};

const limits = {
  names: {
    value: 8,
    unit: "names",
    doc: "Different names below one domain that one client asks one server for within a session"
  },
  domains: {
    value: 1,
    unit: "domains",
    doc: "Domains that the server is asked about at most: a resolver is asked about many"
  },
  carrier_share: {
    value: 0.8,
    unit: "of the queries",
    doc: "Least share of types that carry data and are rarely asked for (TXT, NULL, SRV, MX, CNAME, private)"
  },
  span: {value: 30, unit: "s", doc: "Time from the first query to the last"},
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** TXT, NULL, SRV, MX, CNAME and private use, by number. */
const isCarrier = "qtype IN (16, 10, 33, 15, 5) OR qtype >= 65280";
const registered = "coalesce(regexp_extract(lower(query), '[^.]+[.][^.]+$'), '')";

/**
 * Reports by DNS to a server of one's own (dnscat2, Cobalt Strike, DNSMessenger): a client asks a foreign server, and not
 * its resolver, for ever new names below one domain, by types that carry data, however slowly.
 */
export const dnsBeacon = defineRule<typeof limits, Row>({
  name: "dns_beacon",
  doc: "A client asks a foreign server, which is asked for nothing else, for ever new names below one domain by types that carry data.",
  blindTo:
    "Reports by way of the network's resolver (`dns_tunnel` tells of many); reports in addresses (types A, AAAA); pauses over ten minutes. A program that looks up its settings at a server of its maker's looks the same.",
  attackTechnique: "T1071",
  severity: "high",
  limits,
  tables: ["dns", "flows"],
  startsFrom: {dns: "qtype IN (16, 10, 33, 15, 5) OR qtype >= 65280"},
  countedFlows: "f.service = 'dns'",
  query: (scope, {names, domains, carrier_share, span: least, gap}) => `
    WITH servers AS (SELECT capture_sha256, server_ip FROM ${scope.rows("dns")} d WHERE query LIKE '%.%'
        GROUP BY capture_sha256, server_ip HAVING count(DISTINCT ${registered}) <= ${domains.value})
    SELECT s.capture_sha256, s.client_ip AS src_ip, s.server_ip AS dst_ip, min(s.ts_start) AS ts_start, max(s.ts_start) AS ts_end, count(DISTINCT s.flow_id) AS flows,
      count(DISTINCT lower(s.query)) AS names, count(*) AS queries, avg(CASE WHEN ${isCarrier} THEN 1e0 ELSE 0e0 END) AS carrier_share, min(${registered}) AS domain
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, server_ip, query, qtype FROM ${scope.rows("dns")} d WHERE rcode = 0 AND query LIKE '%.%.%')`,
      ["capture_sha256", "client_ip", "server_ip"],
      gap.value * 1000
    )} s JOIN servers o ON o.capture_sha256 = s.capture_sha256 AND o.server_ip = s.server_ip
    GROUP BY s.capture_sha256, s.client_ip, s.server_ip, s.session
    HAVING count(DISTINCT lower(s.query)) >= ${names.value} AND avg(CASE WHEN ${isCarrier} THEN 1e0 ELSE 0e0 END) >= ${carrier_share.value}
      AND max(at_ms) - min(at_ms) >= ${least.value * 1000}`,
  incidents: (rows, {names, carrier_share}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return rows
      .filter(({dst_ip}) => !isLocal(dst_ip))
      .map((row) => ({
        capture_sha256: row.capture_sha256,
        ...extent([row]),
        src_ip: row.src_ip,
        dst_ip: row.dst_ip,
        dst_port: 53,
        flows: row.flows,
        summary: `${row.src_ip} asked ${row.dst_ip} for ${row.names} names below ${row.domain} in ${span(row.ts_end - row.ts_start)}, and nobody asks it for anything else.`,
        reasons: [
          atLeast("different names", row.names, names),
          atLeast("share of types that carry data", row.carrier_share, carrier_share),
          atMost("domains that the server is asked about", 1, limits.domains),
          fact("queries", row.queries)
        ]
      }));
  },
  yieldsTo: (incident, other) => other.rule === "dns_tunnel" && other.src_ip === incident.src_ip
});
