import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** DNS queries, of mDNS and LLMNR, too. */
export const dnsRecords: RecordSource = {
  name: "dns",
  title: "DNS queries",
  columns: [
    {name: "client_ip", label: "Who asked", kind: "host"},
    {name: "query", label: "Name", kind: "text"},
    {name: "qtype_name", label: "Type", kind: "text"},
    {
      name: "outcome",
      label: "Outcome",
      kind: "text",
      sql: `CASE WHEN r.rcode IS NULL THEN 'no answer seen' WHEN r.rcode = 0 AND r.answers = '[]' THEN 'no data' WHEN r.rcode = 0 THEN 'answered'
      WHEN r.rcode = 1 THEN 'FORMERR' WHEN r.rcode = 2 THEN 'SERVFAIL' WHEN r.rcode = 3 THEN 'NXDOMAIN' WHEN r.rcode = 4 THEN 'NOTIMP'
      WHEN r.rcode = 5 THEN 'REFUSED' ELSE 'code ' || r.rcode END`
    },
    {name: "answers", label: "Answers", kind: "list"},
    {name: "rtt_us", label: "Answer time", kind: "duration"},
    {name: "server_ip", label: "Who was asked", kind: "host"},
    {name: "transaction_id", label: "Transaction", kind: "port", rare: true}
  ],
  derived: {
    domain: `regexp_extract(lower(rtrim(r.query, '.')), '([^.]+\\.(?:co|com|net|org|gov|edu|ac|or|ne|go)\\.[a-z][a-z]|[^.]+\\.[^.]+|[^.]+)$', 1)`,
    longest_label: `list_reduce(string_split(rtrim(r.query, '.'), '.'), (a, b) -> CASE WHEN length(b) > length(a) THEN b ELSE a END)`
  },
  nothing: "No DNS was seen. Names may be asked over TLS or HTTPS: TLS has the names of servers."
};

const source = dnsRecords;
const queries = {name: "queries", label: "Queries", kind: "count"} as const;
const clients = {name: "clients", label: "Hosts", kind: "count"} as const;
const counted = "CAST(count(*) AS BIGINT) AS queries";
const countedClients = "CAST(count(DISTINCT client_ip) AS BIGINT) AS clients";

export const dnsFigures: RecordQuestion = {
  name: "dns-figures",
  title: "DNS in figures",
  source,
  columns: [
    queries,
    {name: "names", label: "Names", kind: "count"},
    {...clients, label: "Hosts that asked"},
    {name: "nxdomain", label: "NXDOMAIN", kind: "count"},
    {name: "unanswered", label: "Unanswered", kind: "count"},
    {name: "median_us", label: "Answer time", kind: "duration"},
    {name: "p95_us", label: "Answer time, p95", kind: "duration"}
  ],
  sql: () => `SELECT ${counted}, CAST(count(DISTINCT query) AS BIGINT) AS names, ${countedClients},
  CAST(count(*) FILTER (outcome = 'NXDOMAIN') AS BIGINT) AS nxdomain, CAST(count(*) FILTER (outcome = 'no answer seen') AS BIGINT) AS unanswered,
  CAST(median(rtt_us) AS DOUBLE) AS median_us, CAST(quantile_cont(rtt_us, 0.95) AS DOUBLE) AS p95_us
FROM records`
};

export const dnsOverTime: RecordQuestion = {
  name: "dns-over-time",
  title: "Queries over time by outcome",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "outcome", label: "Outcome", kind: "text"}, queries],
  sql: (grid) => `SELECT ${bucketSql(grid)}, outcome, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const dnsDomains: RecordQuestion = {
  name: "dns-domains",
  title: "Domains",
  source,
  columns: [
    {name: "domain", label: "Domain", kind: "text"},
    queries,
    {name: "names", label: "Names", kind: "count"},
    clients
  ],
  sql: () => `SELECT domain, ${counted}, CAST(count(DISTINCT query) AS BIGINT) AS names, ${countedClients}
FROM records\nWHERE domain <> ''\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const dnsNames: RecordQuestion = {
  name: "dns-names",
  title: "Names",
  source,
  columns: [
    {name: "query", label: "Name", kind: "text"},
    queries,
    clients,
    {name: "nxdomain", label: "NXDOMAIN", kind: "count"}
  ],
  sql: () => `SELECT query, ${counted}, ${countedClients}, CAST(count(*) FILTER (outcome = 'NXDOMAIN') AS BIGINT) AS nxdomain
FROM records\nWHERE query IS NOT NULL\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const dnsClients: RecordQuestion = {
  name: "dns-clients",
  title: "Who asks",
  source,
  columns: [
    {name: "client_ip", label: "Host", kind: "host"},
    queries,
    {name: "names", label: "Names", kind: "count"},
    {name: "nxdomain", label: "NXDOMAIN", kind: "count"}
  ],
  sql: () => `SELECT client_ip, ${counted}, CAST(count(DISTINCT query) AS BIGINT) AS names, CAST(count(*) FILTER (outcome = 'NXDOMAIN') AS BIGINT) AS nxdomain
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const dnsServers: RecordQuestion = {
  name: "dns-servers",
  title: "Who answers, and how fast",
  source,
  columns: [
    {name: "server_ip", label: "Server", kind: "host"},
    queries,
    {name: "answered", label: "Answered", kind: "count"},
    {name: "median_us", label: "Median", kind: "duration"},
    {name: "p95_us", label: "95th percentile", kind: "duration"},
    {name: "slowest_us", label: "Slowest", kind: "duration"}
  ],
  sql: () => `SELECT server_ip, ${counted}, CAST(count(*) FILTER (outcome <> 'no answer seen') AS BIGINT) AS answered,
  CAST(median(rtt_us) AS DOUBLE) AS median_us, CAST(quantile_cont(rtt_us, 0.95) AS DOUBLE) AS p95_us, CAST(max(rtt_us) AS BIGINT) AS slowest_us
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 100`
};

/** Long labels of many different characters carry data, or were made by a program. */
export const dnsOddNames: RecordQuestion = {
  name: "dns-odd-names",
  title: "Long or random names",
  source,
  columns: [
    {name: "query", label: "Name", kind: "text"},
    {name: "label_length", label: "Longest label", kind: "count"},
    {name: "entropy", label: "Bits a character", kind: "number"},
    queries,
    clients
  ],
  sql: () => `SELECT query, any_value(CAST(length(longest_label) AS BIGINT)) AS label_length,
  any_value(list_aggregate(string_split(lower(longest_label), ''), 'entropy')) AS entropy, ${counted}, ${countedClients}
FROM records
WHERE length(longest_label) >= 16 AND NOT ends_with(lower(query), '.arpa')
GROUP BY query
HAVING label_length >= 30 OR entropy >= 3.5
ORDER BY label_length * entropy DESC, query
LIMIT 100`
};

/** As tunnels and generated names have them. */
export const dnsManyNames: RecordQuestion = {
  name: "dns-many-names",
  title: "Many names below one domain",
  source,
  columns: [
    {name: "domain", label: "Domain", kind: "text"},
    {name: "names", label: "Names", kind: "count"},
    queries,
    {name: "nxdomain", label: "NXDOMAIN", kind: "count"},
    clients,
    {name: "mean_length", label: "Mean length", kind: "number"}
  ],
  sql: () => `SELECT domain, CAST(count(DISTINCT query) AS BIGINT) AS names, ${counted},
  CAST(count(*) FILTER (outcome = 'NXDOMAIN') AS BIGINT) AS nxdomain, ${countedClients}, avg(length(query)) AS mean_length
FROM records
WHERE domain <> '' AND NOT ends_with(domain, '.arpa')
GROUP BY 1
HAVING names >= 5
ORDER BY 2 DESC, 1
LIMIT 100`
};

export const dnsPage: RecordPage = {
  path: "/dns",
  sources: [dnsRecords],
  questions: [dnsFigures, dnsOverTime, dnsDomains, dnsNames, dnsClients, dnsServers, dnsOddNames, dnsManyNames]
};
