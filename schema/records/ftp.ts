import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per command of an FTP control connection, with its final reply where one was seen. No password is kept. */
export const ftp = {
  name: "ftp",
  doc: "FTP commands and their replies.",
  columns: [
    ...record,
    {name: "user", type: "VARCHAR", nullable: true, doc: "Name given by the last USER; NULL before one was seen."},
    {name: "command", type: "VARCHAR", doc: "Command in upper case (USER, PASS, RETR …).", source: "RFC 959 §4.1"},
    {name: "argument", type: "VARCHAR", nullable: true, doc: "Argument: a path, an address, a type; NULL without one, and for USER, PASS, ACCT and all commands that could hold a secret."},
    {name: "reply_code", type: "INTEGER", nullable: true, doc: "Code of the final reply; NULL where none was seen.", source: "RFC 959 §4.2"},
    {name: "reply", type: "VARCHAR", nullable: true, doc: "Text of the final reply's last line."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
