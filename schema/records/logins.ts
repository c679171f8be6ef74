import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per login at a service that has no other record: Telnet, SOCKS, VNC, rsync. Passwords are not stored. */
export const logins = {
  name: "logins",
  doc: "Logins by Telnet, SOCKS, VNC and rsync with their outcome, and services of these that ask for none; without passwords.",
  columns: [
    ...record,
    {name: "protocol", type: "VARCHAR", doc: "telnet, socks, vnc or rsync."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name; NULL where none is asked for (VNC, a Telnet password alone), or it was not captured.", source: "RFC 1929 §2"},
    {
      name: "auth",
      type: "VARCHAR",
      nullable: true,
      doc: "How: password (sent readable), challenge (VNC, rsync: it is proven, not sent), none where the server asks for nothing; tls, vencrypt, tight, ra2, apple or other for the rest of VNC; NULL where server and client agree on none.",
      source: "RFC 6143 §7.1.2, RFC 1928 §3"
    },
    {name: "success", type: "BOOLEAN", nullable: true, doc: "Whether it was let in: said by SOCKS, VNC and rsync; for Telnet by the text behind it (a prompt of a shell, or words of refusal, or the question again); NULL where that was not seen."},
    {name: "share", type: "VARCHAR", nullable: true, doc: "Module that an rsync client asks for (`#list`, or NULL: the list of modules); NULL for others."},
    {name: "version", type: "VARCHAR", nullable: true, doc: "Version of rsync's protocol that the server speaks (31.0); NULL for others."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
