import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per NTLM authentication: who said to be whom, on which machine. Hashes and responses are never kept. */
export const ntlm = {
  name: "ntlm",
  doc: "NTLM authentications within SMB, HTTP, DCE/RPC and LDAP; never their responses or keys.",
  columns: [
    ...record,
    {name: "carrier", type: "VARCHAR", doc: "smb, http, dcerpc or ldap."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name; NULL where it is empty (anonymous).", source: "[MS-NLMP] §2.2.1.3"},
    {name: "domain", type: "VARCHAR", nullable: true, doc: "Domain of the user, or the machine whose local account it is; NULL where it is empty."},
    {name: "host", type: "VARCHAR", nullable: true, doc: "Name that the client gives its own machine; NULL where it is empty."},
    {name: "server_name", type: "VARCHAR", nullable: true, doc: "NetBIOS name of the server, from its challenge; NULL where that was not seen or has none.", source: "[MS-NLMP] §2.2.2.1"},
    {name: "server_domain", type: "VARCHAR", nullable: true, doc: "NetBIOS name of the server's domain, as server_name."},
    {name: "server_dns", type: "VARCHAR", nullable: true, doc: "DNS name of the server, as server_name."},
    {name: "success", type: "BOOLEAN", nullable: true, doc: "Whether the carrier went on as after a success; NULL where that was not seen."},
    {name: "status", type: "BIGINT", nullable: true, doc: "The carrier's own status: NTSTATUS of SMB (0xC000006D wrong name or password …), HTTP's status code, LDAP's result, the fault of DCE/RPC; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
