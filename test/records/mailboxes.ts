import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);
const popNames: Readonly<Record<string, string>> = {
  PASS: "login",
  APOP: "login",
  RETR: "fetch",
  TOP: "fetch",
  DELE: "delete",
  QUIT: "logout",
  CAPA: "capability",
  RSET: "reset",
  STLS: "starttls",
  LIST: "list",
  UIDL: "uidl",
  STAT: "stat",
  NOOP: "noop"
};
const compared = (
  field: string,
  filter: string,
  fields: readonly string[],
  theirs: Comparison["theirs"],
  protocol: string,
  ours: (row: RecordRow) => readonly string[]
): Comparison => ({
  table: "mail",
  field: `${field} (${protocol})`,
  filter,
  fields,
  theirs,
  ours: (row) => (row.protocol === protocol ? ours(row) : [])
});
const isLogin = (row: RecordRow) => row.command === "login";
/** Header lines that go on, as one. */
const unfolded = (header: string) => header.replace(/(\\r\\n|\r\n)\s+/g, " ");
/** A fetch has a row per mail; commands are compared but for it. */
const isOther = (command: string) => command !== "fetch" && command !== "login";

/** IMAP and POP3 beside tshark's fields. */
export const mailboxes: readonly Comparison[] = [
  compared(
    "user",
    "imap.request.username",
    ["imap.request.username"],
    ([users]) => users.map((user) => user.replace(/^"(.*)"$/, "$1")),
    "imap",
    (row) => (isLogin(row) ? text(row.user) : [])
  ),
  compared(
    "command",
    "imap.request.command",
    ["imap.request.command"],
    ([commands]) =>
      commands
        .map((command) => command.toLowerCase())
        .filter((name) => isOther(name) && name !== "uid" && name !== "authenticate"),
    "imap",
    (row) => (isOther(String(row.command)) ? text(row.command) : [])
  ),
  compared(
    "subject",
    "imf.subject && imap",
    ["imf.subject"],
    ([subjects]) => subjects.map(unfolded),
    "imap",
    (row) => text(row.subject)
  ),
  compared(
    "user",
    "pop.request.command",
    ["pop.request.command", "pop.request.parameter"],
    // A line of AUTH PLAIN is a command to tshark.
    ([[command], parameters]) =>
      command.toUpperCase() === "USER"
        ? parameters
        : command.length > 16
          ? Buffer.from(command, "base64").toString().split("\0").slice(1, 2)
          : [],
    "pop3",
    (row) => (isLogin(row) ? text(row.user) : [])
  ),
  compared(
    "command",
    "pop.request.command",
    ["pop.request.command", "pop.request.parameter"],
    ([commands, parameters]) =>
      commands.flatMap((command) =>
        command.toUpperCase() === "AUTH" ? parameters.map(() => "login") : (popNames[command.toUpperCase()] ?? [])
      ),
    "pop3",
    (row) => (row.command === "other" ? [] : text(row.command))
  ),
  compared(
    "subject",
    "imf.subject && pop",
    ["imf.subject"],
    ([subjects]) => subjects,
    "pop3",
    (row) => text(row.subject)
  ),
  compared(
    "message_id",
    "imf.message_id && pop",
    ["imf.message_id"],
    ([ids]) => ids,
    "pop3",
    (row) => text(row.message_id)
  )
];
