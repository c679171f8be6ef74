import {matches} from "./matches.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  base: string;
};

const limits = {
  searches: {value: 1, unit: "searches", doc: "Searches whose base is a path of a server that hands out Java code"},
  gap: {value: 600, unit: "s", doc: "Searches so close together are one incident"}
} as const;

/** Paths of servers made for JNDI injection (JNDIExploit, JNDI-Injection-Exploit, rogue-jndi), in lower case. */
const paths =
  "^(basic|tomcatbypass|groovybypass|websphere(bypass)?|deserialization|elprocessor)/|^o=(tomcat|reference|groovy|websphere[12]?|elprocessor)$";

/** A Java program that Log4Shell or another JNDI injection has sent to a directory of the attacker, as it asks there for code. */
export const namingCallback = defineRule<typeof limits, Row>({
  name: "naming_callback",
  doc: "A host asks a directory for Java code as JNDI injection (Log4Shell) makes it do: the injection worked.",
  blindTo:
    "Directories whose paths are others; LDAP within TLS, RMI and DNS; whether the code ran. A test of one's own programs looks the same.",
  attackTechnique: "T1203",
  severity: "high",
  limits,
  tables: ["flows", "ldap"],
  startsFrom: {ldap: "operation = 'search' AND base IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.service = 'ldap'",
  query: (scope) => `
    SELECT d.capture_sha256, CAST(d.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, d.ts AS ts_start, d.ts AS ts_end, substr(d.base, 1, 120) AS base
    FROM ${scope.rows("ldap")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
    WHERE d.operation = 'search' AND ${matches("lower(d.base)", paths)}`,
  incidents: (rows, {searches, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, base}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} asked ${dst_ip} for Java code, as an injection by JNDI (Log4Shell) makes it do.`,
        reasons: [atLeast("searches for code", group.length, searches), fact("the first base", base)]
      };
    })
});
