import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  names: number;
  clients: number;
  a_name: string;
};

const limits = {
  names: {
    value: 3,
    unit: "names",
    doc: "Different names for which one host answers LLMNR or NetBIOS questions with its own address; a machine has one, and the name of its workgroup"
  }
} as const;

/**
 * Poisoning of LLMNR and NetBIOS names (Responder, Inveigh): a host answers for whatever name others ask the segment for, and so gets their
 * logins.
 */
export const namePoisoning = defineRule<typeof limits, Row>({
  name: "name_poisoning",
  doc: "A host answers by LLMNR or NetBIOS for many names with its own address.",
  blindTo:
    "Multicast DNS, whose answers do not repeat the question; fewer than three names; answers that the capture does not show. A machine with several names of its own looks the same.",
  attackTechnique: "T1557.001",
  severity: "high",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {flows: "service IN ('llmnr', 'netbios')"},
  judgesOpen: true,
  countedFlows: "f.service IN ('llmnr', 'netbios')",
  query: (scope, {names}) => `
    SELECT d.capture_sha256, d.server_ip AS src_ip, min(d.ts) AS ts_start, max(d.ts) AS ts_end, count(DISTINCT d.flow_id) AS flows,
      count(DISTINCT lower(d.query)) AS names, count(DISTINCT d.client_ip) AS clients, min(d.query) AS a_name
    FROM ${scope.rows("dns")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
    WHERE f.service IN ('llmnr', 'netbios') AND d.query NOT LIKE '%.arpa' AND d.query NOT LIKE '%MSBROWSE%' AND strpos(d.answers, '"' || d.server_ip || '"') > 0
    GROUP BY d.capture_sha256, d.server_ip HAVING count(DISTINCT lower(d.query)) >= ${names.value}`,
  incidents: (rows, {names}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: null,
      dst_port: null,
      flows: row.flows,
      summary: `${row.src_ip} answered for ${row.names} names of others' questions (LLMNR, NetBIOS) with its own address.`,
      reasons: [
        atLeast("names answered for", row.names, names),
        fact("hosts that asked", row.clients),
        fact("one of the names", row.a_name)
      ]
    }))
});
