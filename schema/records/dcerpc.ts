import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * One row per bound interface, and one per run of equal calls. Consecutive calls of one operation in a connection (or a
 * named pipe) that end with the same status form a run; `calls` counts them.
 */
export const dcerpc = {
  name: "dcerpc",
  doc: "Remote procedure calls (DCE/RPC) over TCP, HTTP and the named pipes of SMB.",
  columns: [
    ...record,
    {name: "transport", type: "VARCHAR", doc: "tcp, http (RPC over HTTP, ncacn_http) or pipe (a named pipe within SMB)."},
    {name: "pipe", type: "VARCHAR", nullable: true, doc: "Name of the pipe; NULL for other transports, or where the opening of the pipe was not captured."},
    {name: "message", type: "VARCHAR", doc: "bind or alter_context (the client chooses an interface), or request (it calls an operation).", source: "C706 §12.6.4"},
    {name: "interface_uuid", type: "VARCHAR", nullable: true, doc: "UUID of the interface; NULL where its bind was not captured."},
    {name: "interface", type: "VARCHAR", nullable: true, doc: "Name of the interface (svcctl, samr, drsuapi, ITaskSchedulerService …); NULL where the UUID is not known."},
    {name: "interface_version", type: "VARCHAR", nullable: true, doc: "Version of the interface, major.minor; NULL where its bind was not captured."},
    {name: "opnum", type: "INTEGER", nullable: true, doc: "Number of the operation; NULL for binds."},
    {name: "operation", type: "VARCHAR", nullable: true, doc: "Name of the operation (CreateServiceW, DRSGetNCChanges …); NULL for binds and unknown operations."},
    {name: "calls", type: "BIGINT", doc: "Number of calls in the run; 1 for a bind."},
    {name: "status", type: "BIGINT", nullable: true, doc: "0 if the call was answered or the bind accepted; else the fault status, or the reason why the bind was rejected; NULL where no answer was captured.", source: "C706 appendix E"},
    {name: "return_code", type: "BIGINT", nullable: true, doc: "Return value of the operation: the last four bytes of the response (NTSTATUS, HRESULT or Windows error code; 0 is success); NULL for unknown interfaces, long responses and encrypted ones."},
    {name: "request_fragments", type: "BIGINT", nullable: true, doc: "Number of request fragments; NULL for binds."},
    {name: "response_fragments", type: "BIGINT", nullable: true, doc: "Number of response fragments; NULL for binds."},
    {name: "request_bytes", type: "BIGINT", unit: "bytes", nullable: true, doc: "Bytes of arguments sent, without headers and authentication verifiers; NULL for binds."},
    {name: "response_bytes", type: "BIGINT", unit: "bytes", nullable: true, doc: "Bytes of results received, without headers and authentication verifiers; NULL for binds."},
    {name: "auth_type", type: "VARCHAR", nullable: true, doc: "ntlm, kerberos, negotiate, netlogon, schannel, or the number of an unknown type; NULL where the calls themselves are not authenticated.", source: "[MS-RPCE] §2.2.1.1.7"},
    {name: "auth_level", type: "VARCHAR", nullable: true, doc: "connect, call, packet, integrity or privacy (encrypted); NULL without authentication.", source: "[MS-RPCE] §2.2.1.1.8"},
    {name: "mapped_interface", type: "VARCHAR", nullable: true, doc: "For ept_map (endpoint mapper) the interface asked for: its name, or its UUID if the name is unknown; NULL for other operations."},
    {name: "mapped_port", type: "INTEGER", nullable: true, doc: "TCP port in the response to ept_map; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
