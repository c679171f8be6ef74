import type {Column, Table} from "../column.ts";
import {certificates} from "./certificates.ts";
import {databases} from "./databases.ts";
import {dcerpc} from "./dcerpc.ts";
import {dhcp} from "./dhcp.ts";
import {dns} from "./dns.ts";
import {files} from "./files.ts";
import {ftp} from "./ftp.ts";
import {http} from "./http.ts";
import {industrial} from "./industrial.ts";
import {kerberos} from "./kerberos.ts";
import {ldap} from "./ldap.ts";
import {linkLayer} from "./link-layer.ts";
import {logins} from "./logins.ts";
import {mail} from "./mail.ts";
import {mqtt} from "./mqtt.ts";
import {neighbours} from "./neighbours.ts";
import {networkLayer} from "./network-layer.ts";
import {ntlm} from "./ntlm.ts";
import {radius} from "./radius.ts";
import {rdp} from "./rdp.ts";
import {sip} from "./sip.ts";
import {smb} from "./smb.ts";
import {snmp} from "./snmp.ts";
import {ssh} from "./ssh.ts";
import {tls} from "./tls.ts";

/**
 * The tables of application records, which the dissectors' wasm core fills. The core's table and column numbers are
 * generated from this list (`npm run cores`). A new table is a file and a line here.
 */
export const recordTables = [dns, http, files, dhcp, mail, tls, certificates, ssh, ftp, smb, dcerpc, ntlm, kerberos, ldap, industrial, rdp, sip, snmp, radius, mqtt, databases, linkLayer, networkLayer, neighbours, logins] as const satisfies readonly Table[];

/** How the core stores a column. `capture` has the same value in every row and is added outside the core. */
export type RecordKind = "id" | "number" | "text" | "address" | "capture";

/** Follows from a column's name and type: addresses end in `_ip`, every other VARCHAR is a text. */
export function recordKind({name, type}: Column): RecordKind {
  if (name === "flow_id") return "id";
  if (name === "capture_sha256") return "capture";
  if (name.endsWith("_ip")) return "address";
  return type === "VARCHAR" ? "text" : "number";
}
