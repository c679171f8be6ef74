import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const of = (protocol: string, auth: string | null, value: (row: RecordRow) => readonly string[]) => (row: RecordRow) =>
  row.protocol === protocol && (auth === null || row.auth === auth) ? value(row) : [];
const outcome = ({success}: RecordRow) => (success === null ? [] : [success ? "0" : "1"]);

/** Logins by SOCKS and VNC beside tshark's fields. */
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
  }
];
