import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  questions: number;
  entries: number;
  a_filter: string;
};

const limits = {
  questions: {
    value: 1,
    unit: "searches",
    doc: "Searches of a whole directory for accounts that an intruder can use, within a session"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when no such search follows for so long"}
} as const;

/** Filters, in lower case without blanks, by which weak and mighty accounts are sought: what each of them is for. */
const hunts = [
  // Services of users, whose tickets give away a password (Kerberoasting): not one name, and users alone.
  "(f LIKE '%(serviceprincipalname=*)%' AND replace(f, '(!(samaccountname=krbtgt))', '') NOT LIKE '%samaccountname%' AND (f LIKE '%:=512)%' OR f LIKE '%samaccounttype=805306368%' OR f LIKE '%objectclass=user%' OR f LIKE '%objectcategory=person%' OR f LIKE '%objectcategory=computer%'))",
  // Users who need no pre-authentication (AS-REP roasting), machines trusted for delegation.
  "f LIKE '%useraccountcontrol:1.2.840.113556.1.4.803:=4194304%'",
  "f LIKE '%useraccountcontrol:1.2.840.113556.1.4.803:=524288%'",
  "f LIKE '%(msds-allowedtodelegateto=*)%'",
  "f LIKE '%(msds-allowedtoactonbehalfofotheridentity=*)%'",
  // Administrators; passwords of local administrators (LAPS).
  "f LIKE '%(admincount=1)%'",
  "f LIKE '%(ms-mcs-admpwdexpirationtime=*)%'",
  "f LIKE '%(ms-mcs-admpwd=*)%'",
  // All of everything, as BloodHound collects it.
  "(f LIKE '%samaccounttype=268435456%' AND f LIKE '%samaccounttype=536870912%')"
];

/** Reconnaissance of a directory by LDAP (BloodHound, PowerView, ADFind, Impacket's GetUserSPNs and GetNPUsers). */
export const directoryDiscovery = defineRule<typeof limits, Row>({
  name: "directory_discovery",
  doc: "A client searches a directory for accounts that are weak or mighty: services of users, no pre-authentication, delegation, administrators.",
  blindTo:
    "LDAP within TLS or sealed by Kerberos or NTLM, as Windows' own tools do; searches for all objects without a filter. Identity management and an audit of the directory ask the same.",
  attackTechnique: "T1087.002",
  severity: "medium",
  limits,
  tables: ["flows", "ldap"],
  startsFrom: {ldap: "operation = 'search'"},
  judgesOpen: true,
  countedFlows: "f.service = 'ldap'",
  query: (scope, {questions, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(*) AS questions, sum(entries) AS entries, min(filter) AS a_filter
    FROM ${sessions(
      scope.dialect,
      `(SELECT * FROM (SELECT l.capture_sha256, l.flow_id, l.ts AS ts_start, c.src_ip, c.dst_ip, c.dst_port, l.filter, coalesce(l.entries, 0) AS entries, replace(lower(coalesce(l.filter, '')), ' ', '') AS f
          FROM ${scope.rows("ldap")} l JOIN ${scope.rows("flows")} c ON l.flow_id = c.flow_id AND l.capture_sha256 = c.capture_sha256
          WHERE l.operation = 'search' AND l.scope = 'subtree') q WHERE ${hunts.join(" OR ")})`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session HAVING count(*) >= ${questions.value}`,
  incidents: (rows, {questions}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} searched the directory ${row.dst_ip} for accounts that are weak or mighty.`,
      reasons: [
        atLeast("such searches", row.questions, questions),
        fact("entries returned", row.entries),
        fact("one of the filters", row.a_filter.slice(0, 160))
      ]
    }))
});
