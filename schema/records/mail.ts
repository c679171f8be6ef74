import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per mail transferred by SMTP, also where the transfer was not completed. Neither the text of the mail nor a password is stored. */
export const mail = {
  name: "mail",
  doc: "Mails transferred by SMTP: envelope, headers and names of attachments.",
  columns: [
    ...record,
    {name: "client_name", type: "VARCHAR", nullable: true, doc: "Host name that the client sends with EHLO or HELO.", source: "RFC 5321 §4.1.1.1"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name of the login (AUTH PLAIN or LOGIN); NULL without a login, or where its mechanism does not reveal the name.", source: "RFC 4954, RFC 4616"},
    {name: "sender", type: "VARCHAR", nullable: true, doc: "Envelope sender (MAIL FROM); empty for bounce messages.", source: "RFC 5321 §4.1.1.2"},
    {name: "recipients", type: "VARCHAR", nullable: true, doc: "Envelope recipients (RCPT TO), comma-separated.", source: "RFC 5321 §4.1.1.3"},
    {name: "header_from", type: "VARCHAR", nullable: true, doc: "From header.", source: "RFC 5322 §3.6"},
    {name: "header_to", type: "VARCHAR", nullable: true, doc: "To header."},
    {name: "subject", type: "VARCHAR", nullable: true, doc: "Subject header, still encoded (RFC 2047)."},
    {name: "message_id", type: "VARCHAR", nullable: true, doc: "Message-ID header."},
    {name: "agent", type: "VARCHAR", nullable: true, doc: "Mail program of the sender (X-Mailer, else User-Agent header)."},
    {name: "attachments", type: "VARCHAR", nullable: true, doc: "File names of the attachments, comma-separated; NULL without any."},
    {name: "size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Size of the mail with its headers, as captured; NULL where no mail data was captured."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Reply code to the mail; without one, the code of the first rejected command; NULL without either.", source: "RFC 5321 §4.2"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
