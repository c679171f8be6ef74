import {oneCall, rpcRule} from "./rpc-calls.ts";

/** A machine shut down from afar ([MS-RSP]). */
export const remoteShutdown = rpcRule({
  name: "remote_shutdown",
  doc: "A client shuts down or restarts another Windows machine.",
  blindTo:
    "Shutdowns by services, tasks, WMI or WinRM, of which other rules tell; calls within encrypted SMB 3. Administrators and the management of updates do the same.",
  attackTechnique: "T1529",
  severity: "medium",
  limits: oneCall,
  operations: {
    InitShutdown: ["BaseInitiateShutdown", "BaseInitiateShutdownEx"],
    WindowsShutdown: ["WsdrInitiateShutdown"],
    winreg: ["BaseInitiateSystemShutdown", "BaseInitiateSystemShutdownEx"]
  },
  did: "shut down",
  exceptControllers: true
});
