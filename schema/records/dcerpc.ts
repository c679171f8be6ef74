import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * One row per interface that is bound and per run of equal calls: calls of one operation behind one another in a connection
 * (or a named pipe) that end alike are one row, with their number in `calls`.
 */
export const dcerpc = {
  name: "dcerpc",
  doc: "Remote procedure calls (DCE/RPC) over TCP, HTTP and the named pipes of SMB.",
  columns: [
    ...record,
    {name: "transport", type: "VARCHAR", doc: "tcp, http (the banner of ncacn_http) or pipe (within SMB)."},
    {name: "pipe", type: "VARCHAR", nullable: true, doc: "The named pipe; NULL without one, or where its opening was not seen."},
    {name: "message", type: "VARCHAR", doc: "bind, alter_context (an interface is chosen) or request (its operations are called).", source: "C706 §12.6.4"},
    {name: "interface_uuid", type: "VARCHAR", nullable: true, doc: "UUID of the interface; NULL where its bind was not seen."},
    {name: "interface", type: "VARCHAR", nullable: true, doc: "Name of the interface (svcctl, samr, drsuapi, ITaskSchedulerService …); NULL of unknown ones."},
    {name: "interface_version", type: "VARCHAR", nullable: true, doc: "Its version, major.minor; NULL where its bind was not seen."},
    {name: "opnum", type: "INTEGER", nullable: true, doc: "Number of the operation; NULL of binds."},
    {name: "operation", type: "VARCHAR", nullable: true, doc: "Name of the operation (CreateServiceW, DRSGetNCChanges …); NULL of binds and where it is not known."},
    {name: "calls", type: "BIGINT", doc: "Calls in the run, 1 of binds."},
    {name: "status", type: "BIGINT", nullable: true, doc: "0 answered or accepted; status of the fault; of a refused bind the reason; NULL where no answer was seen.", source: "C706 appendix E"},
    {name: "return_code", type: "BIGINT", nullable: true, doc: "What the operation returned, the last four bytes of its answer (NTSTATUS, HRESULT or Windows error; 0 success); NULL of unknown interfaces, long answers and where it is encrypted."},
    {name: "request_fragments", type: "BIGINT", nullable: true, doc: "Fragments of the requests; NULL of binds."},
    {name: "response_fragments", type: "BIGINT", nullable: true, doc: "Fragments of the answers; NULL of binds."},
    {name: "request_bytes", type: "BIGINT", unit: "bytes", nullable: true, doc: "Arguments sent, without headers and verifiers; NULL of binds."},
    {name: "response_bytes", type: "BIGINT", unit: "bytes", nullable: true, doc: "Results received, without headers and verifiers; NULL of binds."},
    {name: "auth_type", type: "VARCHAR", nullable: true, doc: "ntlm, kerberos, negotiate, netlogon, schannel or its number; NULL without authentication in the calls themselves.", source: "[MS-RPCE] §2.2.1.1.7"},
    {name: "auth_level", type: "VARCHAR", nullable: true, doc: "connect, call, packet, integrity or privacy (encrypted); NULL without authentication.", source: "[MS-RPCE] §2.2.1.1.8"},
    {name: "mapped_interface", type: "VARCHAR", nullable: true, doc: "Of the endpoint mapper's ept_map: name of the interface asked for, its UUID where it has none; NULL of others."},
    {name: "mapped_port", type: "INTEGER", nullable: true, doc: "The TCP port it was answered with; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
