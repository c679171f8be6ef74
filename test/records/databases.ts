import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);
const firstWord = (sql: string) => /^[\s(]*([a-z]+)/i.exec(sql)?.[1].toUpperCase() ?? "";
const unhex = (bytes: string) => Buffer.from(bytes, "hex").toString("latin1").toUpperCase();

/** Of rows of one system. */
const of =
  (system: string, values: (row: RecordRow) => readonly string[]): Comparison["ours"] =>
  (row) =>
    row.system === system ? values(row) : [];
const compared = (
  system: string,
  field: string,
  filter: string,
  fields: readonly string[],
  theirs: Comparison["theirs"],
  ours: (row: RecordRow) => readonly string[]
): Comparison => ({
  table: "databases",
  field: `${field} (${system})`,
  filter,
  fields,
  theirs,
  ours: of(system, ours)
});

const mysqlCommands: Readonly<Record<string, string>> = {
  1: "quit",
  2: "use",
  3: "query",
  4: "field_list",
  14: "ping",
  22: "prepare",
  23: "execute",
  25: "close"
};
const named = (names: readonly string[], values: readonly string[], name: string) =>
  values.filter((_, i) => names[i] === name);

/** Logins and commands of databases beside tshark's fields. */
export const databases: readonly Comparison[] = [
  compared(
    "mysql",
    "user",
    "mysql.user",
    ["mysql.user"],
    ([users]) => users,
    (row) => (row.command === "login" ? text(row.user) : [])
  ),
  compared(
    "mysql",
    "server_version",
    "mysql.version",
    ["mysql.version"],
    ([versions]) => versions,
    (row) => (["login", "tls", "connect"].includes(String(row.command)) ? text(row.server_version) : [])
  ),
  compared(
    "mysql",
    "command",
    "mysql.command",
    ["mysql.command"],
    ([commands]) => commands.flatMap((command) => mysqlCommands[command] ?? []),
    (row) => (["login", "tls", "connect"].includes(String(row.command)) ? [] : text(row.command))
  ),
  compared(
    "mysql",
    "kind",
    "mysql.query",
    ["mysql.query"],
    ([queries]) => queries.map(firstWord),
    (row) => text(row.kind)
  ),
  compared(
    "mysql",
    "error",
    "mysql.error_code",
    ["mysql.error_code"],
    ([codes]) => codes,
    (row) => text(row.error)
  ),
  compared(
    "postgresql",
    "user",
    'pgsql.parameter_name == "user"',
    ["pgsql.parameter_name", "pgsql.parameter_value"],
    ([names, values]) => named(names, values, "user"),
    (row) => (row.command === "login" ? text(row.user) : [])
  ),
  compared(
    "postgresql",
    "server_version",
    'pgsql.parameter_name == "server_version"',
    ["pgsql.parameter_name", "pgsql.parameter_value"],
    ([names, values]) => named(names, values, "server_version"),
    (row) => (row.command === "login" ? text(row.server_version) : [])
  ),
  compared(
    "postgresql",
    "kind",
    "pgsql.query",
    ["pgsql.query"],
    ([queries]) => queries.map(firstWord),
    (row) => text(row.kind)
  ),
  compared(
    "postgresql",
    "error",
    "pgsql.code",
    ["pgsql.code"],
    ([codes]) => codes,
    (row) => text(row.error)
  ),
  compared(
    "mssql",
    "user",
    "tds.7login.username",
    ["tds.7login.username"],
    ([users]) => users,
    (row) => (row.command === "login" ? text(row.user) : [])
  ),
  compared(
    "mssql",
    "kind",
    "tds.query",
    ["tds.query"],
    ([queries]) => queries.map(firstWord),
    (row) => text(row.kind)
  ),
  compared(
    "redis",
    "command",
    "resp.array && tcp.dstport == 10625",
    ["resp.bulk_string.value"],
    ([words]) => words.slice(0, 1).map(unhex),
    (row) => text(row.command)
  ),
  compared(
    "mongodb",
    "command",
    "mongo.opcode == 2004",
    ["mongo.element.name"],
    ([names]) => names.slice(0, 1),
    (row) => text(row.command)
  ),
  compared(
    "mongodb",
    "database",
    "mongo.opcode == 2004",
    ["mongo.full_collection_name"],
    ([names]) => names.map((name) => name.split(".")[0]),
    (row) => text(row.database)
  )
];
