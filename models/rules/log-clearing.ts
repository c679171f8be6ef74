import {oneCall, rpcRule} from "./rpc-calls.ts";

/** Event logs emptied from afar ([MS-EVEN] §3.1.4.8, [MS-EVEN6] §3.1.4.16): what an intruder does at the end. */
export const logClearing = rpcRule({
  name: "log_clearing",
  doc: "A client empties event logs of another machine.",
  blindTo:
    "Which log, where the call is encrypted; logs emptied on the machine itself; calls within encrypted SMB 3. An administrator's console can do the same.",
  attackTechnique: "T1070.001",
  severity: "high",
  limits: oneCall,
  operations: {eventlog: ["ElfrClearELFW", "ElfrClearELFA"], IEventService: ["EvtRpcClearLog"]},
  did: "emptied event logs of"
});
