import {oneCall, rpcRule} from "./rpc-calls.ts";

/**
 * Accounts changed from afar ([MS-SAMR] §3.1.5): a member added to a group, another's password set. A machine that joins a
 * domain makes an account and sets its password: no account of a machine is told apart, so making one is left out.
 */
export const accountChange = rpcRule({
  name: "account_change",
  doc: "A client adds members to groups of another machine.",
  blindTo:
    "Which account and group; accounts that are made, and passwords that are set, as a machine does that joins a domain; the same by LDAP; calls within encrypted SMB 3. Administrators' consoles, and identity management, look the same.",
  attackTechnique: "T1098",
  severity: "medium",
  limits: oneCall,
  operations: {
    samr: ["SamrAddMemberToGroup", "SamrAddMemberToAlias", "SamrAddMultipleMembersToAlias", "SamrSetDSRMPassword"]
  },
  graver: {samr: ["SamrSetDSRMPassword"]},
  did: "added members to groups of",
  exceptControllers: true
});
