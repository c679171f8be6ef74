import {oneCall, rpcRule} from "./rpc-calls.ts";

/** Scheduled tasks that a client registers or runs on another machine ([MS-TSCH]): schtasks.exe, at.exe, atexec. */
export const remoteTask = rpcRule({
  name: "remote_task",
  doc: "A client registers or runs scheduled tasks of another machine.",
  blindTo:
    "Which program the task runs; calls within encrypted SMB 3; connections that began before the capture. Software distribution and administrators' consoles look the same.",
  attackTechnique: "T1053.005",
  severity: "high",
  limits: oneCall,
  operations: {
    atsvc: ["NetrJobAdd"],
    ITaskSchedulerService: ["SchRpcRegisterTask", "SchRpcRun", "SchRpcEnableTask"],
    sasec: ["SASetAccountInformation", "SASetNSAccountInformation"]
  },
  did: "registered or ran scheduled tasks of",
  yieldsTo: ["remote_execution"]
});
