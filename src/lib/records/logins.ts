import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

const client = {name: "client", label: "From", kind: "host", sql: "f.src_ip"} as const;
const server = {name: "server", label: "To", kind: "host", sql: "f.dst_ip"} as const;
const outcomeOf = (granted: string) =>
  `CASE WHEN ${granted} IS NULL THEN 'not seen' WHEN ${granted} THEN 'granted' ELSE 'refused' END`;

/** User names that crossed the network: one row a flow, method and name. */
export const loginRecords: RecordSource = {
  name: "credentials_seen",
  title: "Logins",
  columns: [
    client,
    server,
    {name: "user_name", label: "User", kind: "text"},
    {name: "domain", label: "Domain", kind: "text"},
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "method", label: "Method", kind: "text"},
    {name: "attempts", label: "Attempts", kind: "count"},
    {name: "outcome", label: "Outcome", kind: "text", sql: outcomeOf("r.succeeded")}
  ],
  derived: {
    // Windows does not tell the case of names and domains apart.
    account: "lower(r.user_name) || CASE WHEN r.domain <> '' THEN '@' || lower(r.domain) ELSE '' END",
    is_cleartext: "r.method IN ('password', 'basic_or_digest')"
  },
  nothing: "No login was seen. Names within TLS and SSH are not readable."
};

/** NTLM authentications, with the names that machines give themselves. */
export const ntlmRecords: RecordSource = {
  name: "ntlm",
  title: "NTLM authentications",
  columns: [
    client,
    server,
    {name: "user", label: "User", kind: "text", sql: 'r."user"'},
    {name: "domain", label: "Domain", kind: "text"},
    {name: "host", label: "Workstation", kind: "text"},
    {name: "server_dns", label: "Server's name", kind: "text", sql: "coalesce(r.server_dns, r.server_name)"},
    {name: "carrier", label: "Within", kind: "text"},
    {name: "outcome", label: "Outcome", kind: "text", sql: outcomeOf("r.success")},
    {name: "server_domain", label: "Server's domain", kind: "text", rare: true},
    {name: "status", label: "Status", kind: "port", rare: true}
  ],
  nothing: "No NTLM authentication was seen."
};

/** Kerberos tickets that were asked for. */
export const kerberosRecords: RecordSource = {
  name: "kerberos",
  title: "Kerberos requests",
  columns: [
    {...client, name: "asked_by"},
    {...server, name: "asked"},
    {name: "request_type", label: "Request", kind: "text"},
    {name: "client", label: "User", kind: "text"},
    {name: "realm", label: "Realm", kind: "text"},
    {name: "service", label: "Service", kind: "text"},
    {
      name: "outcome",
      label: "Outcome",
      kind: "text",
      sql: "CASE WHEN r.error IS NULL THEN 'not seen' WHEN r.error = 0 THEN 'ticket' ELSE coalesce(r.error_name, 'error ' || r.error) END"
    },
    {name: "cipher", label: "Ticket's cipher", kind: "text"},
    {name: "rtt_us", label: "Answer time", kind: "duration"},
    {name: "reply_cipher", label: "Answer's cipher", kind: "text", rare: true},
    {name: "request_ciphers", label: "Ciphers asked for", kind: "text", rare: true}
  ],
  derived: {
    is_weak: "r.cipher IS NOT NULL AND NOT starts_with(r.cipher, 'aes')",
    // A first request without pre-authentication is refused by design, and tells nothing.
    is_error: "r.error > 0 AND r.error <> 25",
    is_unprotected: "r.request_type = 'AS' AND r.error = 0 AND r.has_preauth = false"
  },
  nothing: "No Kerberos request was seen."
};

const source = loginRecords;
const attempts = {name: "attempts", label: "Attempts", kind: "count"} as const;
const granted = {name: "granted", label: "Granted", kind: "count"} as const;
const refused = {name: "refused", label: "Refused", kind: "count"} as const;
const summed = "CAST(sum(attempts) AS BIGINT) AS attempts";
const outcomes = `CAST(coalesce(sum(attempts) FILTER (outcome = 'granted'), 0) AS BIGINT) AS granted,
  CAST(coalesce(sum(attempts) FILTER (outcome = 'refused'), 0) AS BIGINT) AS refused`;

export const loginFigures: RecordQuestion = {
  name: "login-figures",
  title: "Logins in figures",
  source,
  columns: [
    {name: "accounts", label: "Accounts", kind: "count"},
    attempts,
    granted,
    refused,
    {name: "clients", label: "Hosts that log in", kind: "count"},
    {name: "servers", label: "Hosts logged in to", kind: "count"},
    {name: "cleartext", label: "Readable passwords", kind: "count"}
  ],
  sql: () => `SELECT CAST(count(DISTINCT account) AS BIGINT) AS accounts, CAST(coalesce(sum(attempts), 0) AS BIGINT) AS attempts, ${outcomes},
  CAST(count(DISTINCT client) AS BIGINT) AS clients, CAST(count(DISTINCT server) AS BIGINT) AS servers,
  CAST(count(DISTINCT account) FILTER (is_cleartext) AS BIGINT) AS cleartext
FROM records`
};

export const loginsOverTime: RecordQuestion = {
  name: "logins-over-time",
  title: "Attempts over time by outcome",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "outcome", label: "Outcome", kind: "text"}, attempts],
  sql: (grid) => `SELECT ${bucketSql(grid)}, outcome, ${summed}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const loginPaths: RecordQuestion = {
  name: "login-paths",
  title: "Who logged in where",
  source,
  columns: [
    {name: "client", label: "From", kind: "host"},
    {name: "server", label: "To", kind: "host"},
    {name: "account", label: "Account", kind: "text"},
    {name: "protocols", label: "By", kind: "text"},
    attempts,
    granted,
    refused,
    {name: "query", label: "Flows", kind: "flows"},
    {name: "first_us", label: "First", kind: "time"},
    {name: "last_us", label: "Last", kind: "time"}
  ],
  sql: () => `SELECT client, server, account, string_agg(DISTINCT CASE WHEN protocol = method THEN protocol ELSE protocol || ' ' || method END, ', ' ORDER BY CASE WHEN protocol = method THEN protocol ELSE protocol || ' ' || method END) AS protocols,
  ${summed}, ${outcomes}, 'src ' || client || ' and dst ' || server AS query, min(ts_us) AS first_us, max(ts_us) AS last_us
FROM records\nGROUP BY client, server, account\nORDER BY refused DESC, attempts DESC, client, server, account\nLIMIT 500`
};

export const loginAccounts: RecordQuestion = {
  name: "login-accounts",
  title: "Accounts",
  source,
  columns: [
    {name: "account", label: "Account", kind: "text"},
    attempts,
    granted,
    refused,
    {name: "clients", label: "From hosts", kind: "count"},
    {name: "servers", label: "To hosts", kind: "count"}
  ],
  sql: () => `SELECT account, ${summed}, ${outcomes}, CAST(count(DISTINCT client) AS BIGINT) AS clients, CAST(count(DISTINCT server) AS BIGINT) AS servers
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

/** Hosts that tried many names, or were refused often. */
export const loginClients: RecordQuestion = {
  name: "login-clients",
  title: "Hosts by refused logins",
  source,
  columns: [
    {name: "client", label: "Host", kind: "host"},
    refused,
    attempts,
    {name: "accounts", label: "Accounts", kind: "count"},
    {name: "servers", label: "To hosts", kind: "count"}
  ],
  sql: () => `SELECT client, CAST(coalesce(sum(attempts) FILTER (outcome = 'refused'), 0) AS BIGINT) AS refused, ${summed},
  CAST(count(DISTINCT account) AS BIGINT) AS accounts, CAST(count(DISTINCT server) AS BIGINT) AS servers
FROM records\nGROUP BY 1\nHAVING refused > 0\nORDER BY 2 DESC, 3 DESC, 1\nLIMIT 200`
};

/** Services that tickets were asked for. */
export const kerberosServices: RecordQuestion = {
  name: "kerberos-services",
  title: "Kerberos: services asked for",
  source: kerberosRecords,
  columns: [
    {name: "service", label: "Service", kind: "text"},
    {name: "requests", label: "Requests", kind: "count"},
    {name: "hosts", label: "Hosts", kind: "count"},
    {name: "weak", label: "Weak cipher", kind: "count"},
    {name: "unprotected", label: "Without pre-authentication", kind: "count"},
    {name: "errors", label: "Errors", kind: "count"},
    {name: "reasons", label: "Which", kind: "text"}
  ],
  sql: () => `SELECT coalesce(service, 'not seen') AS service, CAST(count(*) AS BIGINT) AS requests, CAST(count(DISTINCT asked_by) AS BIGINT) AS hosts,
  CAST(count(*) FILTER (is_weak) AS BIGINT) AS weak, CAST(count(*) FILTER (is_unprotected) AS BIGINT) AS unprotected,
  CAST(count(*) FILTER (is_error) AS BIGINT) AS errors, string_agg(DISTINCT outcome, ', ' ORDER BY outcome) FILTER (is_error) AS reasons
FROM records\nGROUP BY 1\nORDER BY weak DESC, errors DESC, requests DESC, 1\nLIMIT 200`
};

/** What machines say that they are called. */
export const ntlmNames: RecordQuestion = {
  name: "ntlm-names",
  title: "NTLM: who says what it is called",
  source: ntlmRecords,
  columns: [
    {name: "address", label: "Host", kind: "host"},
    {name: "name", label: "Name", kind: "text"},
    {name: "domain", label: "Domain", kind: "text"},
    {name: "role", label: "As", kind: "text"},
    {name: "times", label: "Times", kind: "count"}
  ],
  sql: () => `SELECT address, name, domain, role, CAST(count(*) AS BIGINT) AS times
FROM (
  SELECT client AS address, host AS name, domain, 'client' AS role FROM records WHERE host <> ''
  UNION ALL SELECT server, server_dns, server_domain, 'server' FROM records WHERE server_dns <> ''
) AS said
GROUP BY 1, 2, 3, 4\nORDER BY 5 DESC, 1, 2, 3, 4\nLIMIT 200`
};

export const loginsPage: RecordPage = {
  path: "/logins",
  sources: [loginRecords, ntlmRecords, kerberosRecords],
  questions: [loginFigures, loginsOverTime, loginPaths, loginAccounts, loginClients, kerberosServices, ntlmNames]
};
