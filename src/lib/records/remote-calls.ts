import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

const client = {name: "client", label: "From", kind: "host", sql: "f.src_ip"} as const;
const server = {name: "server", label: "To", kind: "host", sql: "f.dst_ip"} as const;

/** Interfaces by what they do to the other machine, in the words that the page uses. */
const purposes: Readonly<Record<string, readonly string[]>> = {
  "runs programs": [
    "svcctl",
    "atsvc",
    "ITaskSchedulerService",
    "IWbemServices",
    "IWbemLevel1Login",
    "IWbemFetchSmartEnum",
    "IDispatch",
    "ISystemActivator",
    "IRemUnknown2"
  ],
  "accounts and policy": ["samr", "lsarpc", "netlogon", "drsuapi"],
  registry: ["winreg"],
  "shares and sessions": ["srvsvc", "wkssvc", "browser"],
  "finds services": ["epmapper"]
};
const purposeSql = `CASE ${Object.entries(purposes)
  .map(([purpose, names]) => `WHEN r.interface IN (${names.map((name) => `'${name}'`).join(", ")}) THEN '${purpose}'`)
  .join(" ")} WHEN r.interface IS NULL THEN 'not known' ELSE 'other' END`;

/** Remote procedure calls. */
export const rpcRecords: RecordSource = {
  name: "dcerpc",
  title: "Remote procedure calls",
  columns: [
    client,
    server,
    {name: "interface", label: "Interface", kind: "text", sql: "coalesce(r.interface, r.interface_uuid)"},
    {name: "operation", label: "Operation", kind: "text", sql: "coalesce(r.operation, 'operation ' || r.opnum)"},
    {name: "message", label: "Message", kind: "text"},
    {name: "calls", label: "Calls", kind: "count"},
    {
      name: "transport",
      label: "By",
      kind: "text",
      sql: "CASE WHEN r.pipe <> '' THEN 'pipe ' || r.pipe ELSE r.transport END"
    },
    {
      name: "outcome",
      label: "Outcome",
      kind: "text",
      sql: `CASE WHEN r.status IS NULL THEN 'no answer seen' WHEN r.status <> 0 THEN 'fault ' || printf('0x%08x', r.status)
      WHEN r.return_code IN (5, 3221225506, 2147942405) THEN 'access denied' WHEN r.return_code <> 0 THEN 'returned ' || printf('0x%08x', r.return_code) ELSE 'answered' END`
    },
    {name: "auth_type", label: "Authentication", kind: "text"},
    {name: "auth_level", label: "Protection", kind: "text", rare: true},
    {name: "request_bytes", label: "Arguments", kind: "bytes", rare: true},
    {name: "response_bytes", label: "Results", kind: "bytes", rare: true},
    {name: "mapped_interface", label: "Interface looked for", kind: "text", rare: true},
    {name: "mapped_port", label: "Its port", kind: "port", rare: true}
  ],
  derived: {purpose: purposeSql, is_call: "r.message = 'request'"},
  nothing: "No remote procedure call was seen. Calls within encrypted SMB 3 are not readable."
};

/** SMB: sessions, shares and files. */
export const smbRecords: RecordSource = {
  name: "smb",
  title: "SMB requests",
  columns: [
    client,
    server,
    {name: "command", label: "Command", kind: "text"},
    {name: "share", label: "Share", kind: "text"},
    {name: "path", label: "Path", kind: "text"},
    {name: "action", label: "Done", kind: "text"},
    {name: "size", label: "Size", kind: "bytes"},
    {name: "user", label: "User", kind: "text", sql: 'r."user"'},
    {
      name: "outcome",
      label: "Outcome",
      kind: "text",
      sql: `CASE WHEN r.status IS NULL THEN 'no response seen' WHEN r.status = 0 THEN 'success' WHEN r.status = 3221225506 THEN 'access denied'
      WHEN r.status = 3221225524 THEN 'not found' WHEN r.status = 3221225581 THEN 'wrong name or password' ELSE printf('0x%08x', r.status) END`
    },
    {name: "pipe", label: "Pipe", kind: "text", rare: true},
    {name: "new_path", label: "New path", kind: "text", rare: true},
    {name: "version", label: "Dialect", kind: "text", rare: true}
  ],
  nothing: "No SMB was seen. Encrypted SMB 3 is not readable."
};

/** Directory requests. */
export const ldapRecords: RecordSource = {
  name: "ldap",
  title: "LDAP requests",
  columns: [
    client,
    server,
    {name: "operation", label: "Operation", kind: "text"},
    {name: "base", label: "Base", kind: "text"},
    {name: "filter", label: "Filter", kind: "text"},
    {name: "entries", label: "Entries", kind: "count"},
    {name: "user", label: "User", kind: "text", sql: 'r."user"'},
    {name: "auth", label: "Authentication", kind: "text"},
    {name: "result", label: "Result", kind: "port"},
    {name: "rtt_us", label: "Answer time", kind: "duration"},
    {name: "scope", label: "Scope", kind: "text", rare: true},
    {name: "attributes", label: "Attributes", kind: "text", rare: true}
  ],
  nothing: "No cleartext LDAP was seen."
};

const source = rpcRecords;
const calls = {name: "calls", label: "Calls", kind: "count"} as const;
const clients = {name: "clients", label: "From hosts", kind: "count"} as const;
const servers = {name: "servers", label: "To hosts", kind: "count"} as const;
const failed = {name: "failed", label: "Not granted", kind: "count"} as const;
const summed = "CAST(coalesce(sum(calls), 0) AS BIGINT) AS calls";
const countedHosts =
  "CAST(count(DISTINCT client) AS BIGINT) AS clients, CAST(count(DISTINCT server) AS BIGINT) AS servers";
const countedFailed =
  "CAST(coalesce(sum(calls) FILTER (outcome = 'access denied' OR starts_with(outcome, 'fault')), 0) AS BIGINT) AS failed";

export const rpcFigures: RecordQuestion = {
  name: "rpc-figures",
  title: "Remote calls in figures",
  source,
  columns: [
    calls,
    {name: "operations", label: "Operations", kind: "count"},
    {...clients, label: "Hosts that call"},
    {...servers, label: "Hosts called"},
    {name: "running", label: "Run programs", kind: "count"},
    failed
  ],
  sql: () => `SELECT ${summed}, CAST(count(DISTINCT interface || ' ' || operation) AS BIGINT) AS operations, ${countedHosts},
  CAST(coalesce(sum(calls) FILTER (purpose = 'runs programs'), 0) AS BIGINT) AS running, ${countedFailed}
FROM records\nWHERE is_call`
};

export const rpcOverTime: RecordQuestion = {
  name: "rpc-over-time",
  title: "Calls over time by purpose",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "purpose", label: "Purpose", kind: "text"}, calls],
  sql: (grid) =>
    `SELECT ${bucketSql(grid)}, purpose, ${summed}\nFROM records\nWHERE is_call\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const rpcOperations: RecordQuestion = {
  name: "rpc-operations",
  title: "What was asked",
  source,
  columns: [
    {name: "operation", label: "Operation", kind: "text"},
    calls,
    {name: "interface", label: "Interface", kind: "text"},
    {name: "purpose", label: "Purpose", kind: "text"},
    failed,
    clients,
    servers
  ],
  sql: () => `SELECT coalesce(operation, 'not known') AS operation, ${summed}, interface, purpose, ${countedFailed}, ${countedHosts}
FROM records\nWHERE is_call\nGROUP BY 1, interface, purpose\nORDER BY 2 DESC, 1, 3\nLIMIT 300`
};

export const rpcPaths: RecordQuestion = {
  name: "rpc-paths",
  title: "Of whom",
  source,
  columns: [
    {name: "client", label: "From", kind: "host"},
    {name: "server", label: "To", kind: "host"},
    {name: "purpose", label: "Purpose", kind: "text"},
    {name: "interfaces", label: "Interfaces", kind: "text"},
    calls,
    failed,
    {name: "first_us", label: "First", kind: "time"},
    {name: "query", label: "Flows", kind: "flows"}
  ],
  sql: () => `SELECT client, server, purpose, string_agg(DISTINCT interface, ', ' ORDER BY interface) AS interfaces, ${summed}, ${countedFailed},
  min(ts_us) AS first_us, 'src ' || client || ' and dst ' || server AS query
FROM records\nWHERE is_call\nGROUP BY client, server, purpose\nORDER BY purpose = 'runs programs' DESC, calls DESC, client, server, purpose\nLIMIT 300`
};

export const smbShares: RecordQuestion = {
  name: "smb-shares",
  title: "SMB: shares",
  source: smbRecords,
  columns: [
    {name: "share", label: "Share", kind: "text"},
    {name: "requests", label: "Requests", kind: "count"},
    {name: "files", label: "Files", kind: "count"},
    {name: "read_bytes", label: "Read", kind: "bytes"},
    {name: "written_bytes", label: "Written", kind: "bytes"},
    {name: "denied", label: "Denied", kind: "count"},
    clients
  ],
  sql: () => `SELECT share, CAST(count(*) AS BIGINT) AS requests, CAST(count(DISTINCT path) FILTER (action IS NOT NULL AND path <> '') AS BIGINT) AS files,
  CAST(coalesce(sum(size) FILTER (command = 'read'), 0) AS BIGINT) AS read_bytes, CAST(coalesce(sum(size) FILTER (command = 'write'), 0) AS BIGINT) AS written_bytes,
  CAST(count(*) FILTER (outcome = 'access denied') AS BIGINT) AS denied, CAST(count(DISTINCT client) AS BIGINT) AS clients
FROM records\nWHERE share <> ''\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

/** What was changed on the other machine. */
export const smbWrites: RecordQuestion = {
  name: "smb-writes",
  title: "SMB: files written, deleted, renamed",
  source: smbRecords,
  columns: [
    {name: "path", label: "File", kind: "text"},
    {name: "done", label: "Done", kind: "text"},
    {name: "share", label: "Share", kind: "text"},
    {name: "written_bytes", label: "Written", kind: "bytes"},
    {name: "client", label: "From", kind: "host"},
    {name: "server", label: "To", kind: "host"},
    {name: "user", label: "User", kind: "text"},
    {name: "first_us", label: "First", kind: "time"}
  ],
  sql: () => `SELECT path, string_agg(DISTINCT action, ', ' ORDER BY action) AS done, share, CAST(coalesce(sum(size) FILTER (command = 'write'), 0) AS BIGINT) AS written_bytes,
  client, server, max("user") AS user, min(ts_us) AS first_us
FROM records\nWHERE action IN ('create', 'overwrite', 'supersede', 'write', 'delete', 'rename') AND path <> '' AND pipe IS NULL
GROUP BY path, share, client, server\nORDER BY first_us, path, share, client, server\nLIMIT 300`
};

export const ldapSearches: RecordQuestion = {
  name: "ldap-searches",
  title: "LDAP: what was searched for",
  source: ldapRecords,
  columns: [
    {name: "filter", label: "Filter", kind: "text"},
    {name: "searches", label: "Searches", kind: "count"},
    {name: "entries", label: "Entries found", kind: "count"},
    clients,
    {name: "base", label: "Base", kind: "text"}
  ],
  sql: () => `SELECT coalesce(filter, 'not seen') AS filter, CAST(count(*) AS BIGINT) AS searches, CAST(coalesce(sum(entries), 0) AS BIGINT) AS entries,
  CAST(count(DISTINCT client) AS BIGINT) AS clients, min(base) AS base
FROM records\nWHERE operation = 'search'\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const remoteCallsPage: RecordPage = {
  path: "/remote-calls",
  sources: [rpcRecords, smbRecords, ldapRecords],
  questions: [rpcFigures, rpcOverTime, rpcOperations, rpcPaths, smbShares, smbWrites, ldapSearches]
};
