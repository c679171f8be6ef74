import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per mail sent or fetched, also where that was not completed, and per other command of a mailbox. Neither the text of the mail nor a password is stored. */
export const mail = {
  name: "mail",
  doc: "Mails sent by SMTP or fetched by IMAP and POP3: envelope, headers and names of attachments; logins, and other commands of IMAP and POP3.",
  columns: [
    ...record,
    {name: "protocol", type: "VARCHAR", doc: "smtp, imap or pop3."},
    {name: "command", type: "VARCHAR", doc: "send (SMTP), fetch or append for a mail; login; verify or expand, by which SMTP is asked for a mailbox or a list; starttls, or another command of IMAP or POP3 in lower case (select, search, delete)."},
    {name: "client_name", type: "VARCHAR", nullable: true, doc: "Host name that the client sends with EHLO or HELO.", source: "RFC 5321 §4.1.1.1"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name of the login (AUTH PLAIN or LOGIN, USER, APOP); NULL without a login, or where its mechanism does not reveal the name.", source: "RFC 4954, RFC 4616"},
    {name: "sender", type: "VARCHAR", nullable: true, doc: "Envelope sender (MAIL FROM); empty for bounce messages.", source: "RFC 5321 §4.1.1.2"},
    {name: "recipients", type: "VARCHAR", nullable: true, doc: "Envelope recipients (RCPT TO), comma-separated; the mailbox or list that is asked for.", source: "RFC 5321 §4.1.1.3"},
    {name: "header_from", type: "VARCHAR", nullable: true, doc: "From header.", source: "RFC 5322 §3.6"},
    {name: "header_to", type: "VARCHAR", nullable: true, doc: "To header."},
    {name: "subject", type: "VARCHAR", nullable: true, doc: "Subject header, still encoded (RFC 2047)."},
    {name: "message_id", type: "VARCHAR", nullable: true, doc: "Message-ID header."},
    {name: "agent", type: "VARCHAR", nullable: true, doc: "Mail program of the sender (X-Mailer, else User-Agent header)."},
    {name: "attachments", type: "VARCHAR", nullable: true, doc: "File names of the attachments, comma-separated; NULL without any."},
    {name: "size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Size of the mail with its headers, as captured; NULL where no mail data was captured."},
    {name: "success", type: "BOOLEAN", nullable: true, doc: "False where the server refused; NULL where no answer was captured, and for a mail sent by SMTP (see status)."},
    {name: "auth", type: "VARCHAR", nullable: true, doc: "For a login: password (sent readable) or the SASL mechanism; NULL for other commands."},
    {name: "status", type: "INTEGER", nullable: true, doc: "For SMTP: reply code to the mail, the login or the question for a mailbox; without one, the code of the first rejected command; NULL without either.", source: "RFC 5321 §4.2"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
