import {oneCall, rpcRule} from "./rpc-calls.ts";

/** Secrets of a domain asked for as replication does ([MS-DRSR] §4.1.10), by a machine that is no domain controller; or Mimikatz by RPC. */
export const dcsync = rpcRule({
  name: "dcsync",
  doc: "A machine that is no domain controller replicates the directory's changes: DCSync.",
  blindTo:
    "Which objects were asked for (the calls are encrypted). A machine that becomes a domain controller, which also has itself added to those that are told of changes, is not told. A domain controller whose Kerberos, LDAP and logons are not captured, and a synchronisation with a cloud directory, look the same.",
  attackTechnique: "T1003.006",
  severity: "high",
  limits: oneCall,
  operations: {drsuapi: ["DRSGetNCChanges", "DRSReplicaAdd", "DRSAddEntry"], mimicom: []},
  did: "replicated the directory of",
  exceptControllers: true,
  promotion: ["DRSGetNCChanges", "DRSReplicaAdd"]
});
