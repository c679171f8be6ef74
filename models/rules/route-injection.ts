import {placeOfMessages} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  protocol: "eigrp" | "ospf" | "rip" | "ripng";
  domain: number;
  src_ip: string;
  other: string | null;
  ts_start: number;
  ts_end: number;
  messages: number;
  networks: string | null;
  prefixes: number;
  is_default: number;
  as_client: number;
  waited_ms: number;
  sequence: number;
};

const limits = {
  heard: {
    value: 45,
    unit: "s",
    doc: "For so long other routers of the protocol were heard before the new one spoke; RIP's speak every 30 s, others more often"
  },
  networks: {
    value: 1,
    unit: "networks",
    doc: "Networks that a new router announces which is otherwise a client of servers; of others only the default route counts"
  },
  client: {
    value: 1,
    unit: "connections",
    doc: "Connections by HTTP, TLS, QUIC, SMB, Kerberos or a lease of DHCP with which a host is a client, and no router"
  },
  sequence: {
    value: 4294967295,
    unit: "th",
    doc: "Sequence of a link state of OSPF: the largest one, which an own router would reach after centuries"
  }
} as const;

const clients = "service IN ('http', 'tls', 'quic', 'smb', 'kerberos', 'dhcp')";

/**
 * False routes (Loki, Scapy, FRRouting on a laptop): a host that nobody knew as a router joins EIGRP, OSPF or RIP and
 * announces the default route, or networks of others, so that their packets go through it. OSPF's largest sequence stops
 * others from correcting a link state (RFC 2328 §12.1.6).
 */
export const routeInjection = defineRule<typeof limits, Row>({
  name: "route_injection",
  doc: "A host that was no router before joins EIGRP, OSPF or RIP and announces the default route, or networks while it is a client otherwise; or a link state of OSPF has the largest sequence.",
  blindTo:
    "A false router that spoke before the capture began, or was alone, or announces a few networks and does nothing else; a true router's session taken over; captures in which no router of the protocol is heard for 45 s before. A new router that is switched on and leads to the Internet looks the same, and is told with medium severity.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["flows", "neighbours"],
  startsFrom: {neighbours: `protocol IN ('eigrp', 'ospf', 'rip', 'ripng') AND prefixes > 0`},
  judgesOpen: true,
  countedFlows: "(f.proto IN (88, 89) OR f.dst_port IN (520, 521))",
  query: (scope, {heard, networks, client, sequence}) => `
    WITH routers AS (
      SELECT capture_sha256, protocol, coalesce(group_id, 0) AS domain, src_ip, min(ts) AS since, max(ts) AS until, sum(messages) AS messages,
        min(CASE WHEN prefixes > 0 AND (protocol <> 'ospf' OR address = device) THEN networks END) AS networks,
        sum(CASE WHEN prefixes > 0 AND (protocol <> 'ospf' OR address = device) THEN CAST(prefixes AS DOUBLE) / messages ELSE 0 END) AS prefixes,
        max(CASE WHEN default_route AND (protocol <> 'ospf' OR address = device) THEN 1 ELSE 0 END) AS is_default
      FROM ${scope.rows("neighbours")} n WHERE protocol IN ('eigrp', 'ospf', 'rip', 'ripng') AND src_ip IS NOT NULL AND message <> 'request'
      GROUP BY capture_sha256, protocol, coalesce(group_id, 0), src_ip),
    clients AS (
      SELECT capture_sha256, src_ip, count(*) AS flows FROM ${scope.rows("flows")} f WHERE ${clients} GROUP BY capture_sha256, src_ip),
    joined AS (
      SELECT b.*, a.src_ip AS other, ${scope.dialect.epochMs("b.since")} - ${scope.dialect.epochMs("a.since")} AS waited_ms,
        row_number() OVER (PARTITION BY b.capture_sha256, b.protocol, b.domain, b.src_ip ORDER BY a.since, a.src_ip) AS place
      FROM routers b JOIN routers a ON a.capture_sha256 = b.capture_sha256 AND a.protocol = b.protocol AND a.domain = b.domain AND a.src_ip <> b.src_ip
      WHERE b.prefixes > 0 AND a.since < b.since)
    SELECT j.capture_sha256, j.protocol, j.domain, j.src_ip, j.other, j.since AS ts_start, j.until AS ts_end, j.messages, j.networks, j.prefixes, j.is_default,
      coalesce(c.flows, 0) AS as_client, j.waited_ms, 0 AS sequence
    FROM joined j LEFT JOIN clients c ON c.capture_sha256 = j.capture_sha256 AND c.src_ip = j.src_ip
    WHERE j.place = 1 AND j.waited_ms >= ${heard.value * 1000}
      AND (j.is_default = 1 OR (j.prefixes >= ${networks.value} AND coalesce(c.flows, 0) >= ${client.value}))
    UNION ALL
    SELECT capture_sha256, protocol, coalesce(group_id, 0), src_ip, NULL, min(ts), max(ts), sum(messages), min(networks), 0, 0, 0, 0, max(sequence)
    FROM ${scope.rows("neighbours")} n WHERE protocol = 'ospf' AND message = 'update' AND sequence >= ${sequence.value} AND src_ip IS NOT NULL
    GROUP BY capture_sha256, protocol, coalesce(group_id, 0), src_ip`,
  incidents: (rows, {heard, networks, client, sequence}) =>
    rows.map((row) => {
      const place = placeOfMessages(row, row.src_ip);
      if (row.other === null)
        return {
          ...place,
          summary: `${row.src_ip} sent a link state of OSPF with the largest sequence, which nobody can correct.`,
          reasons: [atLeast("sequence", row.sequence, sequence)]
        };
      const isClient = row.as_client >= client.value;
      return {
        ...place,
        severity: isClient ? "high" : "medium",
        summary: `${row.src_ip} joined ${names[row.protocol]} beside ${row.other} and announced ${row.is_default === 1 ? "the default route" : counted(row.prefixes, "network")}.`,
        reasons: [
          atLeast("time for which others were heard before", row.waited_ms / 1000, heard),
          ...(isClient ? [atLeast("connections as a client", row.as_client, client)] : []),
          atLeast("networks announced", row.prefixes, networks),
          ...(row.networks === null ? [] : [fact("first of them", row.networks)])
        ]
      };
    })
});

const names = {eigrp: "EIGRP", ospf: "OSPF", rip: "RIP", ripng: "RIPng"};
