import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** HTTP requests with their responses. */
export const httpRecords: RecordSource = {
  name: "http",
  title: "HTTP requests",
  columns: [
    {name: "client", label: "Client", kind: "host", sql: "f.src_ip"},
    {name: "method", label: "Method", kind: "text"},
    {name: "host", label: "Host", kind: "text"},
    {name: "uri", label: "Target", kind: "text"},
    {name: "status", label: "Status", kind: "port"},
    {name: "content_type", label: "Type", kind: "text"},
    {name: "content_length", label: "Length", kind: "bytes"},
    {name: "user_agent", label: "User agent", kind: "text"},
    {name: "referer", label: "Referer", kind: "text"},
    {name: "server_ip", label: "Server's address", kind: "host", sql: "f.dst_ip"},
    {name: "location", label: "Location", kind: "text", rare: true},
    {name: "reason", label: "Reason", kind: "text", rare: true},
    {name: "server", label: "Server", kind: "text", rare: true},
    {name: "version", label: "Version", kind: "text", rare: true},
    {name: "user", label: "User", kind: "text", rare: true, sql: 'r."user"'},
    {name: "forwarded_for", label: "Forwarded for", kind: "text", rare: true},
    {name: "request_type", label: "Type of the request", kind: "text", rare: true},
    {name: "request_length", label: "Length of the request", kind: "bytes", rare: true}
  ],
  derived: {
    // A port in the Host header says the same host.
    site: "coalesce(nullif(lower(regexp_replace(r.host, ':\\d+$', '')), ''), f.dst_ip)",
    outcome: `CASE WHEN r.status IS NULL THEN 'no response seen' WHEN r.status < 300 THEN 'success' WHEN r.status < 400 THEN 'redirect'
      WHEN r.status < 500 THEN 'client error' ELSE 'server error' END`,
    kind: `CASE WHEN r.content_type IS NULL THEN NULL ELSE lower(trim(split_part(r.content_type, ';', 1))) END`
  },
  nothing: "No cleartext HTTP was seen. What goes over TLS is not readable: TLS has the names of servers."
};

const source = httpRecords;
const requests = {name: "requests", label: "Requests", kind: "count"} as const;
const clients = {name: "clients", label: "Clients", kind: "count"} as const;
const bytes = {name: "bytes", label: "Bytes of responses, as stated", kind: "bytes"} as const;
const counted = "CAST(count(*) AS BIGINT) AS requests";
const countedClients = "CAST(count(DISTINCT client) AS BIGINT) AS clients";
const summed = "CAST(coalesce(sum(content_length), 0) AS BIGINT) AS bytes";

export const httpFigures: RecordQuestion = {
  name: "http-figures",
  title: "HTTP in figures",
  source,
  columns: [
    requests,
    {name: "sites", label: "Hosts asked", kind: "count"},
    clients,
    {name: "errors", label: "Errors", kind: "count"},
    {name: "unanswered", label: "Unanswered", kind: "count"},
    {name: "posts", label: "With a body", kind: "count"},
    {...bytes, label: "Response bytes"}
  ],
  sql: () => `SELECT ${counted}, CAST(count(DISTINCT site) AS BIGINT) AS sites, ${countedClients},
  CAST(count(*) FILTER (status >= 400) AS BIGINT) AS errors, CAST(count(*) FILTER (status IS NULL) AS BIGINT) AS unanswered,
  CAST(count(*) FILTER (request_length > 0 OR method IN ('POST', 'PUT')) AS BIGINT) AS posts, ${summed}
FROM records`
};

export const httpOverTime: RecordQuestion = {
  name: "http-over-time",
  title: "Requests over time by status",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "outcome", label: "Status", kind: "text"}, requests],
  sql: (grid) => `SELECT ${bucketSql(grid)}, outcome, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const httpSites: RecordQuestion = {
  name: "http-sites",
  title: "Hosts asked",
  source,
  columns: [
    {name: "site", label: "Host", kind: "text"},
    requests,
    clients,
    {name: "errors", label: "Errors", kind: "count"},
    bytes
  ],
  sql: () => `SELECT site, ${counted}, ${countedClients}, CAST(count(*) FILTER (status >= 400) AS BIGINT) AS errors, ${summed}
FROM records\nWHERE site IS NOT NULL\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const httpStatuses: RecordQuestion = {
  name: "http-statuses",
  title: "Status and method",
  source,
  columns: [
    {name: "answer", label: "Status", kind: "text"},
    requests,
    {name: "method", label: "Method", kind: "text"},
    {name: "sites", label: "Hosts", kind: "count"}
  ],
  sql: () => `SELECT trim(coalesce(CAST(status AS VARCHAR), 'no response') || ' ' || coalesce(any_value(reason), '')) AS answer, ${counted},
  coalesce(method, 'not seen') AS method, CAST(count(DISTINCT site) AS BIGINT) AS sites
FROM records\nGROUP BY status, method\nORDER BY 2 DESC, status, 3\nLIMIT 100`
};

export const httpTypes: RecordQuestion = {
  name: "http-types",
  title: "Types of responses",
  source,
  columns: [
    {name: "kind", label: "Type", kind: "text"},
    requests,
    bytes,
    {name: "largest", label: "Largest", kind: "bytes"}
  ],
  sql: () => `SELECT kind, ${counted}, ${summed}, CAST(max(content_length) AS BIGINT) AS largest
FROM records\nWHERE kind <> ''\nGROUP BY 1\nORDER BY 2 DESC, 3 DESC, 1\nLIMIT 100`
};

/** Programs say what they are; rare ones are few hosts' own. */
export const httpAgents: RecordQuestion = {
  name: "http-agents",
  title: "User agents, rarest first",
  source,
  columns: [
    {name: "agent", label: "User agent", kind: "text"},
    clients,
    requests,
    {name: "sites", label: "Hosts", kind: "count"}
  ],
  sql: () => `SELECT coalesce(user_agent, 'none sent') AS agent, ${countedClients}, ${counted}, CAST(count(DISTINCT site) AS BIGINT) AS sites
FROM records\nWHERE method IS NOT NULL\nGROUP BY 1\nORDER BY 2, 3, 1\nLIMIT 200`
};

/** What was fetched that can be run, or hides what it is. */
export const httpDownloads: RecordQuestion = {
  name: "http-downloads",
  title: "Programs and archives fetched",
  source,
  columns: [
    {name: "site", label: "Host", kind: "text"},
    {name: "uri", label: "Target", kind: "text"},
    {name: "kind", label: "Type", kind: "text"},
    {name: "size", label: "Length", kind: "bytes"},
    {name: "client", label: "Client", kind: "host"},
    {name: "ts_us", label: "First", kind: "time"}
  ],
  sql: () => `SELECT site, uri, any_value(kind) AS kind, CAST(max(content_length) AS BIGINT) AS size, client, min(ts_us) AS ts_us
FROM records
WHERE status < 300 AND (regexp_matches(kind, 'msdownload|x-dosexec|executable|java-archive|x-shockwave|silverlight|zip|x-7z|x-rar|octet-stream|msi|x-sh$|powershell|hta$|pdf')
  OR regexp_matches(lower(split_part(uri, '?', 1)), '\\.(exe|dll|scr|msi|jar|swf|xap|zip|rar|7z|ps1|vbs|js?e|hta|bat|cmd|apk|dmg|elf|sh|bin|docm?|xlsm?|pdf)$'))
GROUP BY site, uri, client
ORDER BY ts_us, site, uri
LIMIT 200`
};

export const httpPage: RecordPage = {
  path: "/http",
  sources: [httpRecords],
  questions: [httpFigures, httpOverTime, httpSites, httpStatuses, httpTypes, httpAgents, httpDownloads]
};
