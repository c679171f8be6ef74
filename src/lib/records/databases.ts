import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** Logins, statements and commands of databases. */
export const databaseRecords: RecordSource = {
  name: "databases",
  title: "Statements and commands",
  columns: [
    {name: "client", label: "From", kind: "host", sql: "f.src_ip"},
    {name: "server", label: "To", kind: "host", sql: "f.dst_ip"},
    {name: "system", label: "System", kind: "text"},
    {name: "user_name", label: "User", kind: "text", sql: 'r."user"'},
    {name: "database_name", label: "Database", kind: "text", sql: 'r."database"'},
    {name: "command", label: "Command", kind: "text"},
    {name: "statement", label: "Statement", kind: "text", sql: "coalesce(r.statement, r.object)"},
    {
      name: "outcome",
      label: "Outcome",
      kind: "text",
      sql: "CASE WHEN r.success IS NULL THEN 'not seen' WHEN r.success THEN 'done' ELSE 'refused' END"
    },
    {name: "row_count", label: "Rows", kind: "count", sql: 'r."rows"'},
    {name: "rtt_us", label: "Answer time", kind: "duration"},
    {name: "error", label: "Error", kind: "text", rare: true},
    {name: "program", label: "Program", kind: "text", sql: "r.client", rare: true},
    {name: "server_version", label: "Server's version", kind: "text", rare: true},
    {name: "auth", label: "Authentication", kind: "text", rare: true}
  ],
  derived: {
    what: "coalesce(r.kind, r.command)",
    is_login: "r.command = 'login'",
    is_tls: "r.command = 'tls'"
  },
  nothing: "No database was spoken to without encryption."
};

const source = databaseRecords;
const requests = {name: "requests", label: "Requests", kind: "count"} as const;
const refused = {name: "refused", label: "Refused", kind: "count"} as const;
const clients = {name: "clients", label: "Hosts", kind: "count"} as const;
const counted = "CAST(count(*) AS BIGINT) AS requests";
const countedRefused = "CAST(count(*) FILTER (outcome = 'refused') AS BIGINT) AS refused";
const countedClients = "CAST(count(DISTINCT client) AS BIGINT) AS clients";

export const databaseFigures: RecordQuestion = {
  name: "database-figures",
  title: "Databases in figures",
  source,
  columns: [
    {name: "servers", label: "Servers", kind: "count"},
    clients,
    requests,
    refused,
    {name: "logins_refused", label: "Logins refused", kind: "count"},
    {name: "encrypted", label: "Turned to TLS", kind: "count"},
    {name: "median_us", label: "Answer time", kind: "duration"}
  ],
  sql: () => `SELECT CAST(count(DISTINCT server) AS BIGINT) AS servers, ${countedClients}, ${counted}, ${countedRefused},
  CAST(count(*) FILTER (is_login AND outcome = 'refused') AS BIGINT) AS logins_refused, CAST(count(*) FILTER (is_tls) AS BIGINT) AS encrypted,
  CAST(median(rtt_us) AS DOUBLE) AS median_us
FROM records`
};

export const databasesOverTime: RecordQuestion = {
  name: "databases-over-time",
  title: "Requests over time by outcome",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "outcome", label: "Outcome", kind: "text"}, requests],
  sql: (grid) => `SELECT ${bucketSql(grid)}, outcome, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const databaseServers: RecordQuestion = {
  name: "database-servers",
  title: "Servers",
  source,
  columns: [
    {name: "server", label: "Server", kind: "host"},
    {name: "system", label: "System", kind: "text"},
    {name: "version", label: "Version", kind: "text"},
    {name: "databases", label: "Databases", kind: "text"},
    {name: "users", label: "Users", kind: "text"},
    clients,
    requests,
    refused
  ],
  sql: () => `SELECT server, system, max(server_version) AS version, string_agg(DISTINCT database_name, ', ' ORDER BY database_name) AS databases,
  string_agg(DISTINCT user_name, ', ' ORDER BY user_name) AS users, ${countedClients}, ${counted}, ${countedRefused}
FROM records\nGROUP BY 1, 2\nORDER BY requests DESC, 1, 2\nLIMIT 200`
};

/** Statements by their first word, other commands by their name. */
export const databaseKinds: RecordQuestion = {
  name: "database-kinds",
  title: "Kinds of statements and commands",
  source,
  columns: [{name: "what", label: "Kind", kind: "text"}, requests, refused, clients],
  sql: () => `SELECT what, ${counted}, ${countedRefused}, ${countedClients}
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const databaseErrors: RecordQuestion = {
  name: "database-errors",
  title: "Errors",
  source,
  columns: [
    {name: "system", label: "System", kind: "text"},
    {name: "code", label: "Error", kind: "text"},
    {name: "what", label: "Kind", kind: "text"},
    requests,
    clients
  ],
  sql: () => `SELECT system, coalesce(error, 'without a code') AS code, what, ${counted}, ${countedClients}
FROM records\nWHERE outcome = 'refused'\nGROUP BY 1, 2, 3\nORDER BY 4 DESC, 1, 2, 3\nLIMIT 200`
};

export const databaseStatements: RecordQuestion = {
  name: "database-statements",
  title: "Statements",
  source,
  columns: [
    {name: "statement", label: "Statement", kind: "text"},
    requests,
    refused,
    {name: "row_count", label: "Rows", kind: "count"},
    {name: "median_us", label: "Answer time", kind: "duration"}
  ],
  sql: () => `SELECT statement, ${counted}, ${countedRefused}, CAST(coalesce(sum(row_count), 0) AS BIGINT) AS row_count, CAST(median(rtt_us) AS DOUBLE) AS median_us
FROM records\nWHERE statement IS NOT NULL\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const databasesPage: RecordPage = {
  path: "/databases",
  sources: [databaseRecords],
  questions: [databaseFigures, databasesOverTime, databaseServers, databaseKinds, databaseErrors, databaseStatements]
};
