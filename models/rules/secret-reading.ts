import {oneCall, rpcRule} from "./rpc-calls.ts";

/**
 * Secrets of another machine's security authority read by RPC ([MS-LSAD] §3.1.4.6): passwords of services, and of a
 * domain controller the key by which all protected data of the domain can be read (Mimikatz's `lsadump::backupkeys`).
 */
export const secretReading = rpcRule({
  name: "secret_reading",
  doc: "A client reads secrets of another machine's security authority: passwords of services, the domain's backup key.",
  blindTo:
    "Which secret, where the call is encrypted; secrets read on the machine itself, or from its registry (`remote_registry`); calls within encrypted SMB 3. Trusts that are managed from afar on old systems look the same.",
  attackTechnique: "T1003.004",
  severity: "high",
  limits: oneCall,
  operations: {lsarpc: ["LsarOpenSecret", "LsarQuerySecret", "LsarRetrievePrivateData"]},
  did: "read secrets of",
  exceptControllers: true
});
