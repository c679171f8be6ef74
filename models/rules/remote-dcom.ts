import {oneCall, rpcRule} from "./rpc-calls.ts";

/**
 * Objects of applications that a client makes on another machine and drives by name (IDispatch): MMC20.Application,
 * ShellWindows, Excel ([MS-OAUT] §3.1.4).
 */
export const remoteDcom = rpcRule({
  name: "remote_dcom",
  doc: "A client drives an application's object on another machine by DCOM.",
  blindTo:
    "Which object and method; interfaces that are not automation; connections that began before the capture. OPC Classic with automation, and administrators' consoles, look the same.",
  attackTechnique: "T1021.003",
  severity: "medium",
  limits: {...oneCall, calls: {...oneCall.calls, value: 2}},
  operations: {IDispatch: ["Invoke", "GetIDsOfNames"]},
  did: "drove objects on",
  exceptControllers: true,
  yieldsTo: ["remote_execution", "remote_wmi"]
});
