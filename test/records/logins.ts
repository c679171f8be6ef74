import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const of = (protocol: string, auth: string | null, value: (row: RecordRow) => readonly string[]) => (row: RecordRow) =>
  row.protocol === protocol && (auth === null || row.auth === auth) ? value(row) : [];
/** tshark writes the end of a line as two characters. */
const withoutEnd = (line: string) => line.replace(/(\\n|\n)$/, "");
const outcome = ({success}: RecordRow) => (success === null ? [] : [success ? "0" : "1"]);

/** Logins by SOCKS, VNC and rsync beside tshark's fields. */
export const logins: readonly Comparison[] = [
  {
    table: "logins",
    field: "user of SOCKS",
    filter: "socks.username",
    fields: ["socks.username"],
    theirs: ([users]) => users,
    ours: of("socks", "password", ({user}) => (user === null ? [] : [String(user)]))
  },
  {
    table: "logins",
    field: "outcome of SOCKS",
    filter: "socks.auth_status",
    fields: ["socks.auth_status"],
    theirs: ([results]) => results.map((result) => (Number(result) === 0 ? "0" : "1")),
    ours: of("socks", "password", outcome)
  },
  {
    table: "logins",
    field: "outcome of VNC",
    filter: "vnc.auth_result",
    fields: ["vnc.auth_result"],
    theirs: ([results]) => results.map((result) => (Number(result) === 0 || result === "False" ? "0" : "1")),
    ours: of("vnc", null, outcome)
  },
  {
    table: "logins",
    field: "share of rsync",
    filter: "rsync.query",
    fields: ["rsync.query"],
    theirs: ([lines]) => lines.map(withoutEnd),
    ours: of("rsync", null, ({share}) => (share === null ? [] : [String(share)]))
  },
  {
    table: "logins",
    field: "version of rsync",
    filter: "rsync.hdr_version && tcp.srcport == 873",
    fields: ["rsync.hdr_version"],
    theirs: ([versions]) => versions.map(withoutEnd),
    ours: of("rsync", null, ({version}) => (version === null ? [] : [String(version)]))
  }
];
