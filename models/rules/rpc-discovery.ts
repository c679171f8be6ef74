import {oneCall, rpcRule} from "./rpc-calls.ts";

/**
 * Accounts, members of groups, sessions and logged-on users listed by RPC ([MS-SAMR], [MS-SRVS], [MS-WKST]): net.exe,
 * samrdump, BloodHound. A logon looks up single names, and lists none.
 */
export const rpcDiscovery = rpcRule({
  name: "rpc_discovery",
  doc: "A client lists accounts, members of groups, sessions or logged-on users of another machine.",
  blindTo:
    "Calls within encrypted SMB 3; the same questions by LDAP; single names that are looked up, shares that are listed (browsing does that). Inventory systems, Samba's winbind and administrators' consoles look the same.",
  attackTechnique: "T1087",
  severity: "medium",
  limits: oneCall,
  operations: {
    samr: [
      "SamrEnumerateUsersInDomain",
      "SamrEnumerateGroupsInDomain",
      "SamrGetMembersInGroup",
      "SamrGetMembersInAlias",
      "SamrQueryDisplayInformation",
      "SamrQueryDisplayInformation2",
      "SamrQueryDisplayInformation3"
    ],
    srvsvc: ["NetrSessionEnum", "NetrConnectionEnum", "NetrFileEnum"],
    wkssvc: ["NetrWkstaUserEnum"],
    lsarpc: ["LsarEnumerateAccounts", "LsarEnumerateAccountsWithUserRight"]
  },
  did: "listed accounts or sessions of",
  exceptControllers: true,
  yieldsTo: ["account_discovery", "remote_execution", "remote_control"]
});
