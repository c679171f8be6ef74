import {oneCall, rpcRule} from "./rpc-calls.ts";

/** Services that a client makes, changes or starts on another machine ([MS-SCMR]): PsExec, SharpNoPSExec, smbexec, sc.exe. */
export const remoteService = rpcRule({
  name: "remote_service",
  doc: "A client makes, changes or starts services of another machine.",
  blindTo:
    "Which program the service runs; calls within encrypted SMB 3; connections that began before the capture. Software distribution, administrators' consoles and cluster managers look the same.",
  attackTechnique: "T1569.002",
  severity: "medium",
  limits: oneCall,
  operations: {
    svcctl: [
      "CreateServiceW",
      "CreateServiceA",
      "CreateServiceWOW64A",
      "CreateServiceWOW64W",
      "CreateWowService",
      "ChangeServiceConfigW",
      "ChangeServiceConfigA",
      "StartServiceW",
      "StartServiceA"
    ]
  },
  graver: {
    svcctl: ["CreateServiceW", "CreateServiceA", "CreateServiceWOW64A", "CreateServiceWOW64W", "CreateWowService"]
  },
  did: "made, changed or started services of",
  yieldsTo: ["remote_execution"]
});
