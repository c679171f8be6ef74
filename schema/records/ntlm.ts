import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per NTLM authentication: which user, on which machine. Hashes and responses are never stored. */
export const ntlm = {
  name: "ntlm",
  doc: "NTLM authentications within SMB, HTTP, DCE/RPC, LDAP and SQL Server, without their responses and keys.",
  columns: [
    ...record,
    {name: "carrier", type: "VARCHAR", doc: "Protocol that carries the authentication: smb, http, dcerpc, ldap or mssql."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name; NULL where it is empty (anonymous).", source: "[MS-NLMP] §2.2.1.3"},
    {name: "domain", type: "VARCHAR", nullable: true, doc: "Domain of the user, or the machine name for a local account; NULL where it is empty."},
    {name: "host", type: "VARCHAR", nullable: true, doc: "Workstation name that the client sends; NULL where it is empty."},
    {name: "server_name", type: "VARCHAR", nullable: true, doc: "NetBIOS name of the server, from its challenge; NULL where the challenge was not captured or contains none.", source: "[MS-NLMP] §2.2.2.1"},
    {name: "server_domain", type: "VARCHAR", nullable: true, doc: "NetBIOS name of the server's domain, from its challenge; NULL as for server_name."},
    {name: "server_dns", type: "VARCHAR", nullable: true, doc: "DNS name of the server, from its challenge; NULL as for server_name."},
    {name: "success", type: "BOOLEAN", nullable: true, doc: "True if the carrying protocol accepted the authentication; NULL where its answer was not captured."},
    {name: "status", type: "BIGINT", nullable: true, doc: "Status in the carrying protocol: NTSTATUS for SMB (0xC000006D wrong name or password …), status code for HTTP, result code for LDAP, fault status for DCE/RPC; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
