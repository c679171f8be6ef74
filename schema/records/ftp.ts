import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per command of an FTP control connection, with its final reply where one was captured. No password is stored. */
export const ftp = {
  name: "ftp",
  doc: "FTP commands and their replies.",
  columns: [
    ...record,
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name of the last USER command; NULL before the first one."},
    {name: "command", type: "VARCHAR", doc: "Command in upper case (USER, PASS, RETR …).", source: "RFC 959 §4.1"},
    {name: "argument", type: "VARCHAR", nullable: true, doc: "Argument of the command: a path, an address, a type; NULL without one, and for USER, PASS, ACCT and every command that could contain a secret."},
    {name: "reply_code", type: "INTEGER", nullable: true, doc: "Code of the final reply; NULL where none was captured.", source: "RFC 959 §4.2"},
    {name: "reply", type: "VARCHAR", nullable: true, doc: "Last line of the final reply; NULL where none was captured."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
