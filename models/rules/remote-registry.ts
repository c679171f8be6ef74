import {oneCall, rpcRule} from "./rpc-calls.ts";

/** The registry of another machine, changed or saved ([MS-RRP]): secretsdump saves SAM and SECURITY, reg.exe sets values. */
export const remoteRegistry = rpcRule({
  name: "remote_registry",
  doc: "A client changes the registry of another machine, or saves parts of it to files.",
  blindTo:
    "Which keys; mere reading (`remote_control` tells that the pipe was opened); calls within encrypted SMB 3. Administrators' consoles and software distribution look the same.",
  attackTechnique: "T1112",
  severity: "medium",
  limits: oneCall,
  operations: {
    winreg: [
      "BaseRegSetValue",
      "BaseRegDeleteKey",
      "BaseRegDeleteKeyEx",
      "BaseRegDeleteValue",
      "BaseRegSaveKey",
      "BaseRegSaveKeyEx",
      "BaseRegLoadKey",
      "BaseRegRestoreKey",
      "BaseRegReplaceKey",
      "BaseRegSetKeySecurity",
      "BaseInitiateSystemShutdown",
      "BaseInitiateSystemShutdownEx"
    ]
  },
  graver: {winreg: ["BaseRegSaveKey", "BaseRegSaveKeyEx"]},
  did: "changed or saved the registry of",
  yieldsTo: ["remote_execution", "remote_service"]
});
