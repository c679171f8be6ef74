import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  names: number;
  clients: number;
  llmnr: number;
  wpad: number;
  a_name: string;
};

const limits = {
  names: {
    value: 3,
    unit: "names",
    doc: "Different names for which one host answers LLMNR or NetBIOS questions with its own address; a machine has one, and the name of its workgroup"
  },
  llmnr: {value: 2, unit: "names", doc: "By LLMNR alone so many are enough: it knows no workgroups"},
  wpad: {
    value: 1,
    unit: "names",
    doc: "The name wpad alone is enough: browsers ask for it to find a proxy; the severity is medium then"
  }
} as const;

/** A name by LLMNR without its domain, and the name by which browsers look for a proxy; else NULL. */
const llmnrName = "CASE WHEN f.service = 'llmnr' THEN split_part(lower(d.query), '.', 1) END";
const wpadName = "CASE WHEN split_part(lower(d.query), '.', 1) = 'wpad' THEN 'wpad' END";

/**
 * Poisoning of LLMNR and NetBIOS names (Responder, Inveigh): a host answers for whatever name others ask the segment for, and so gets their
 * logins.
 */
export const namePoisoning = defineRule<typeof limits, Row>({
  name: "name_poisoning",
  doc: "A host answers by LLMNR or NetBIOS for many names with its own address.",
  blindTo:
    "Multicast DNS, whose answers do not repeat the question; one name other than wpad, or two by NetBIOS; answers that the capture does not show. A machine with several names of its own, and a proxy that is called wpad, look the same.",
  attackTechnique: "T1557.001",
  severity: "high",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {flows: "service IN ('llmnr', 'netbios')"},
  judgesOpen: true,
  countedFlows: "f.service IN ('llmnr', 'netbios')",
  query: (scope, {names, llmnr, wpad}) => `
    SELECT d.capture_sha256, d.server_ip AS src_ip, min(d.ts) AS ts_start, max(d.ts) AS ts_end, count(DISTINCT d.flow_id) AS flows,
      count(DISTINCT lower(d.query)) AS names, count(DISTINCT d.client_ip) AS clients, min(d.query) AS a_name,
      count(DISTINCT ${llmnrName}) AS llmnr, count(DISTINCT ${wpadName}) AS wpad
    FROM ${scope.rows("dns")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
    WHERE f.service IN ('llmnr', 'netbios') AND d.query NOT LIKE '%.arpa' AND d.query NOT LIKE '%MSBROWSE%' AND strpos(d.answers, '"' || d.server_ip || '"') > 0
    GROUP BY d.capture_sha256, d.server_ip HAVING count(DISTINCT lower(d.query)) >= ${names.value} OR count(DISTINCT ${llmnrName}) >= ${llmnr.value}
      OR count(DISTINCT ${wpadName}) >= ${wpad.value}`,
  incidents: (rows, {names, llmnr, wpad}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: null,
      dst_port: null,
      flows: row.flows,
      severity: row.names >= names.value || row.llmnr >= llmnr.value ? "high" : "medium",
      summary: `${row.src_ip} answered for ${counted(row.names, "name")} of others' questions (LLMNR, NetBIOS) with its own address.`,
      reasons: [
        row.names >= names.value
          ? atLeast("names answered for", row.names, names)
          : row.llmnr >= llmnr.value
            ? atLeast("names answered for by LLMNR", row.llmnr, llmnr)
            : atLeast("the name wpad", row.wpad, wpad),
        fact("hosts that asked", row.clients),
        fact("one of the names", row.a_name)
      ]
    }))
});
