import {oneCall, rpcRule} from "./rpc-calls.ts";

/**
 * Calls that make a machine log on elsewhere: PetitPotam ([MS-EFSR]), PrinterBug ([MS-RPRN] §3.1.4.10), DFSCoerce
 * ([MS-DFSNM]), ShadowCoerce ([MS-FSRVP]).
 */
export const coercion = rpcRule({
  name: "coercion",
  doc: "A client calls what makes a machine authenticate to a third one: encrypted files, printers, namespaces, shadow copies.",
  blindTo:
    "Where the machine is to log on; calls that were refused, as a patched machine does; a printer's notices where the client prints there as well, or asks for the printer's state and settings, as those who print do. Print servers that notify of changes, and administrators of DFS, call some of them.",
  attackTechnique: "T1187",
  severity: "high",
  limits: oneCall,
  operations: {
    efsrpc: [
      "EfsRpcOpenFileRaw",
      "EfsRpcEncryptFileSrv",
      "EfsDecryptFileSrv",
      "EfsRpcQueryUsersOnFile",
      "EfsRpcQueryRecoveryAgents",
      "EfsRpcFileKeyInfo",
      "EfsRpcDuplicateEncryptionInfoFile",
      "EfsRpcAddUsersToFile",
      "EfsRpcAddUsersToFileEx"
    ],
    "lsarpc-efs": [
      "EfsRpcOpenFileRaw",
      "EfsRpcEncryptFileSrv",
      "EfsDecryptFileSrv",
      "EfsRpcQueryUsersOnFile",
      "EfsRpcQueryRecoveryAgents",
      "EfsRpcFileKeyInfo",
      "EfsRpcDuplicateEncryptionInfoFile",
      "EfsRpcAddUsersToFile",
      "EfsRpcAddUsersToFileEx"
    ],
    spoolss: ["RpcRemoteFindFirstPrinterChangeNotification", "RpcRemoteFindFirstPrinterChangeNotificationEx"],
    netdfs: ["NetrDfsAddStdRoot", "NetrDfsRemoveStdRoot", "NetrDfsAddStdRootForced"],
    FileServerVssAgent: ["IsPathSupported", "IsPathShadowCopied"]
  },
  did: "tried to make a machine log on elsewhere:",
  exceptControllers: true,
  // Who opens a printer's queue is told of its changes by the same call.
  exceptBeside: {
    spoolss: [
      "RpcGetPrinter",
      "RpcGetPrinterData",
      "RpcGetPrinterDataEx",
      "RpcGetPrinterDriver2",
      "RpcEnumJobs",
      "RpcStartDocPrinter"
    ]
  }
});
