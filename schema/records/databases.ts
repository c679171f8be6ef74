import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per login, statement or command, with its answer. Neither values nor passwords are stored. */
export const databases = {
  name: "databases",
  doc: "Logins, statements and commands of MySQL, PostgreSQL, SQL Server, Redis and MongoDB, with their answers; without passwords, literals, keys, documents and results.",
  columns: [
    ...record,
    {name: "system", type: "VARCHAR", doc: "mysql (MariaDB, too), postgresql, mssql, redis or mongodb."},
    {
      name: "command",
      type: "VARCHAR",
      doc: "login; tls, where encryption follows; connect, where the server spoke and no client logged in; query, prepare, execute, call (a stored procedure), use and others of the protocol. For Redis the command in upper case, with its subcommand (CONFIG SET); for MongoDB the command's name (find)."
    },
    {name: "kind", type: "VARCHAR", nullable: true, doc: "First word of the SQL statement in upper case (SELECT, INSERT …); NULL without a statement."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name of the connection's last login; NULL where it was not captured, was encrypted, or there is none."},
    {name: "database", type: "VARCHAR", nullable: true, doc: "Database that the client chose, by its login or later; NULL where none was captured."},
    {name: "object", type: "VARCHAR", nullable: true, doc: "Collection (MongoDB), stored procedure (SQL Server), or the database to be used; NULL for other commands."},
    {name: "statement", type: "VARCHAR", nullable: true, doc: "SQL statement without comments, each string and number replaced by ?, cut at 512 bytes; NULL without a statement."},
    {name: "client", type: "VARCHAR", nullable: true, doc: "Program that the client names; NULL where it names none."},
    {name: "server_version", type: "VARCHAR", nullable: true, doc: "Version that the server states; NULL where it states none."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "For a login: password (readable), md5, gss, the name of a MySQL plugin or of a SASL mechanism; NULL where it was not captured, and for other commands."},
    {name: "success", type: "BOOLEAN", nullable: true, doc: "False where the server answered with an error; NULL where no answer was captured, or the command has none."},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Error code: a number (MySQL, SQL Server, MongoDB), SQLSTATE (PostgreSQL), or the first word of the error (Redis); NULL without an error."},
    {name: "rows", type: "BIGINT", nullable: true, doc: "Rows returned or changed, documents for MongoDB; NULL where the answer does not tell."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to its answer; NULL where no answer was captured."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
