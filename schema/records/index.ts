import type {Column, Table} from "../column.ts";
import {certificates} from "./certificates.ts";
import {dcerpc} from "./dcerpc.ts";
import {dhcp} from "./dhcp.ts";
import {dns} from "./dns.ts";
import {files} from "./files.ts";
import {ftp} from "./ftp.ts";
import {http} from "./http.ts";
import {kerberos} from "./kerberos.ts";
import {ldap} from "./ldap.ts";
import {mail} from "./mail.ts";
import {ntlm} from "./ntlm.ts";
import {smb} from "./smb.ts";
import {ssh} from "./ssh.ts";
import {tls} from "./tls.ts";

/**
 * The tables of application records, which the dissectors' core fills; its numbers and places of columns are generated
 * from this list (`npm run cores`). A new table is a file and a line here.
 */
export const recordTables = [dns, http, files, dhcp, mail, tls, certificates, ssh, ftp, smb, dcerpc, ntlm, kerberos, ldap] as const satisfies readonly Table[];

/** How the core keeps a column: `capture` is the same in each row and added by the host. */
export type RecordKind = "id" | "number" | "text" | "address" | "capture";

/** Follows from a column's name and type: addresses end in `_ip`, every other VARCHAR is a text. */
export function recordKind({name, type}: Column): RecordKind {
  if (name === "flow_id") return "id";
  if (name === "capture_sha256") return "capture";
  if (name.endsWith("_ip")) return "address";
  return type === "VARCHAR" ? "text" : "number";
}
