import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  leases: number;
  assigned: string;
};

const limits = {
  leases: {
    value: 1,
    unit: "leases",
    doc: "Addresses of the link itself (fe80::/10) that a server assigns: every host makes its own (RFC 4862 §5.3), so no true server has any to give"
  },
  gap: {value: 1800, unit: "s", doc: "Leases so close together are one incident"}
} as const;

/** mitm6: a false DHCPv6 server gives Windows hosts link-local addresses, and itself as their name server. */
export const rogueDhcpv6 = defineRule<typeof limits, Row>({
  name: "rogue_dhcpv6",
  doc: "A DHCPv6 server assigns link-local addresses, as only tools do that put themselves between (mitm6).",
  blindTo:
    "A false server that assigns other addresses, or none and only names name servers; what its clients ask it then. No ordinary server is known to do so.",
  attackTechnique: "T1557.003",
  severity: "high",
  limits,
  tables: ["flows", "dhcp"],
  startsFrom: {dhcp: "message IN ('advertise', 'reply') AND assigned LIKE 'fe80:%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dhcpv6'",
  query: (scope, {leases}) => `
    SELECT capture_sha256, src_ip, dst_ip, 546 AS dst_port, min(ts) AS ts_start, max(ts) AS ts_end, count(DISTINCT flow_id) AS flows, count(*) AS leases, min(assigned) AS assigned
    FROM (
      SELECT d.capture_sha256, d.flow_id, d.ts, d.assigned, CASE WHEN f.src_port = 547 THEN f.src_ip ELSE f.dst_ip END AS src_ip, CASE WHEN f.src_port = 547 THEN f.dst_ip ELSE f.src_ip END AS dst_ip
      FROM ${scope.rows("dhcp")} d JOIN ${scope.rows("flows")} f ON f.flow_id = d.flow_id AND f.capture_sha256 = d.capture_sha256
      WHERE d.message IN ('advertise', 'reply') AND d.assigned LIKE 'fe80:%') l
    GROUP BY capture_sha256, src_ip, dst_ip HAVING count(*) >= ${leases.value}`,
  incidents: (rows, {leases, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, assigned}] = group;
      const clients = new Set(group.map((row) => row.dst_ip)).size;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: common(group.map((row) => row.dst_ip)),
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} assigned link-local addresses to ${clients === 1 ? group[0].dst_ip : counted(clients, "host")} by DHCPv6 (${assigned}).`,
        reasons: [
          atLeast(
            "link-local addresses assigned",
            total(group, (row) => row.leases),
            leases
          ),
          fact("hosts", clients)
        ]
      };
    })
});
