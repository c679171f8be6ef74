import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  changes: number;
  entry: string;
  names: string;
};

const limits = {
  changes: {
    value: 1,
    unit: "changes",
    doc: "Changes in clear of an attribute by which another account may act as this one; Windows makes them signed and sealed"
  },
  gap: {value: 3600, unit: "s", doc: "Changes so close together are one incident"}
} as const;

/** Who may delegate to a machine (resource-based constrained delegation), and keys with which an account may log in (shadow credentials). */
const attributes = ["msds-allowedtoactonbehalfofotheridentity", "msds-keycredentiallink"];
const isTakeover = (column: string) =>
  `(${attributes.map((name) => `lower(coalesce(${column}, '')) LIKE '%${name}%'`).join(" OR ")})`;

/** Takeover of accounts by LDAP (ntlmrelayx, pyWhisker, rbcd.py): a relayed login can neither sign nor seal what it changes. */
export const directoryTakeover = defineRule<typeof limits, Row>({
  name: "directory_takeover",
  doc: "An account's delegation or its login keys are changed by LDAP in clear.",
  blindTo:
    "Changes within TLS or sealed by Kerberos or NTLM; other ways to take an account, such as its password or its groups. An administrator's script without encryption looks the same.",
  attackTechnique: "T1098",
  severity: "high",
  limits,
  tables: ["flows", "ldap"],
  startsFrom: {ldap: `operation = 'modify' AND ${isTakeover("attributes")}`},
  judgesOpen: true,
  countedFlows: "f.service = 'ldap'",
  query: (scope, {changes}) => `
    SELECT l.capture_sha256, f.src_ip, f.dst_ip, f.dst_port, min(l.ts) AS ts_start, max(l.ts) AS ts_end, count(DISTINCT l.flow_id) AS flows, count(*) AS changes,
      min(l.base) AS entry, min(l.attributes) AS names
    FROM ${scope.rows("ldap")} l JOIN ${scope.rows("flows")} f ON f.flow_id = l.flow_id AND f.capture_sha256 = l.capture_sha256
    WHERE l.operation = 'modify' AND coalesce(l.result, 0) = 0 AND ${isTakeover("l.attributes")}
    GROUP BY l.capture_sha256, f.src_ip, f.dst_ip, f.dst_port HAVING count(*) >= ${changes.value}`,
  incidents: (rows, {changes, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, entry, names}] = group;
      return {
        ...placeOfServices(group),
        summary: `${src_ip} changed who may act as ${entry} in the directory of ${dst_ip}.`,
        reasons: [
          atLeast(
            "such changes",
            total(group, (row) => row.changes),
            changes
          ),
          fact("attributes", names)
        ]
      };
    })
});
