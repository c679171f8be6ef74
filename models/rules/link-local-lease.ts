import {common, extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  leases: number;
  an_address: string;
};

const limits = {
  leases: {
    value: 1,
    unit: "messages",
    doc: "Offers and answers by DHCPv6 that give a client a link-local address, which every interface makes by itself (RFC 4862 §5.3)"
  },
  gap: {value: 600, unit: "s", doc: "Messages so close together are one incident"}
} as const;

/**
 * A false DHCPv6 server (mitm6): it gives clients addresses of the link itself, as it wants nothing but to become their
 * server of names. A true server has a network's prefix.
 */
export const linkLocalLease = defineRule<typeof limits, Row>({
  name: "link_local_lease",
  doc: "A DHCPv6 server gives hosts link-local addresses, as tools do that want to become their server of names.",
  blindTo:
    "False servers with a prefix of their own; the names they answer then, of which `name_poisoning` and `dns_spoofing` tell others. No server of a network does so; a test of DHCPv6 clients may.",
  attackTechnique: "T1557.003",
  severity: "high",
  limits,
  tables: ["flows", "dhcp"],
  startsFrom: {dhcp: "message IN ('advertise', 'reply') AND assigned LIKE 'fe80:%'"},
  judgesOpen: true,
  countedFlows: "f.service IN ('dhcp', 'dhcpv6')",
  query: (scope) => `
    SELECT d.capture_sha256, CASE WHEN f.src_port = 547 THEN f.src_ip ELSE f.dst_ip END AS src_ip, CASE WHEN f.src_port = 547 THEN f.dst_ip ELSE f.src_ip END AS dst_ip,
      min(d.ts) AS ts_start, max(d.ts) AS ts_end, count(DISTINCT d.flow_id) AS flows, count(*) AS leases, min(d.assigned) AS an_address
    FROM ${scope.rows("dhcp")} d JOIN ${scope.rows("flows")} f ON f.flow_id = d.flow_id AND f.capture_sha256 = d.capture_sha256
    WHERE d.message IN ('advertise', 'reply') AND d.assigned LIKE 'fe80:%'
    GROUP BY d.capture_sha256, CASE WHEN f.src_port = 547 THEN f.src_ip ELSE f.dst_ip END, CASE WHEN f.src_port = 547 THEN f.dst_ip ELSE f.src_ip END`,
  incidents: (rows, {leases, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, an_address}] = group;
      const client = common(group.map(({dst_ip}) => dst_ip));
      const hosts = new Set(group.map(({dst_ip}) => dst_ip)).size;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: client,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} gave ${client ?? counted(hosts, "host")} link-local addresses by DHCPv6.`,
        reasons: [
          atLeast(
            "messages with link-local addresses",
            total(group, (row) => row.leases),
            leases
          ),
          fact("an address", an_address),
          fact("hosts", hosts)
        ]
      };
    })
});
