import {oneCall, rpcRule} from "./rpc-calls.ts";

/** Methods that a client executes on another machine by WMI ([MS-WMI] §3.1.4.3.22): wmic, wmiexec, Invoke-WmiMethod. */
export const remoteWmi = rpcRule({
  name: "remote_wmi",
  doc: "A client executes methods on another machine by WMI, or changes objects there.",
  blindTo:
    "Which method and class; WMI over WinRM; connections that began before the capture. Management systems that execute methods look the same; those that only query are left out.",
  attackTechnique: "T1047",
  severity: "medium",
  limits: oneCall,
  operations: {
    IWbemServices: ["ExecMethod", "ExecMethodAsync", "PutInstance", "PutInstanceAsync", "PutClass", "PutClassAsync"]
  },
  did: "executed methods of WMI on",
  exceptControllers: true,
  yieldsTo: ["remote_execution"]
});
