import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per mail that was handed over by SMTP, as far as it went. No text of a mail is kept, and no password. */
export const mail = {
  name: "mail",
  doc: "Mails handed over by SMTP: envelope, headers and attachments.",
  columns: [
    ...record,
    {name: "client_name", type: "VARCHAR", nullable: true, doc: "Name that the client gives itself (EHLO, HELO).", source: "RFC 5321 §4.1.1.1"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "Name that it logged on with (AUTH PLAIN or LOGIN); NULL where it did not, or the way tells none.", source: "RFC 4954, RFC 4616"},
    {name: "sender", type: "VARCHAR", nullable: true, doc: "Sender of the envelope (MAIL FROM); empty in reports of failures.", source: "RFC 5321 §4.1.1.2"},
    {name: "recipients", type: "VARCHAR", nullable: true, doc: "Recipients of the envelope (RCPT TO), comma-separated.", source: "RFC 5321 §4.1.1.3"},
    {name: "header_from", type: "VARCHAR", nullable: true, doc: "From header.", source: "RFC 5322 §3.6"},
    {name: "header_to", type: "VARCHAR", nullable: true, doc: "To header."},
    {name: "subject", type: "VARCHAR", nullable: true, doc: "Subject header, as it is encoded."},
    {name: "message_id", type: "VARCHAR", nullable: true, doc: "Message-ID header."},
    {name: "agent", type: "VARCHAR", nullable: true, doc: "Program of the sender (X-Mailer, else User-Agent header)."},
    {name: "attachments", type: "VARCHAR", nullable: true, doc: "Names of the parts that have one, comma-separated; NULL without."},
    {name: "size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Bytes of the mail with its headers, as they were seen; NULL where none came."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Reply to the mail; where none came, the first refusal of one of its commands; NULL without either.", source: "RFC 5321 §4.2"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
