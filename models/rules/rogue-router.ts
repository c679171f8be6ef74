import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  router: string;
  mac: string;
  other: string;
  other_mac: string;
  prefix: string | null;
  other_prefix: string | null;
  ts_start: number;
  ts_end: number;
  flows: number;
  messages: number;
  other_messages: number;
  ends: number;
  is_impostor: number;
};

const limits = {
  messages: {
    value: 1,
    unit: "messages",
    doc: "Advertisements of a station under the address of a router that goes on to advertise from another, or of a second router with another prefix"
  },
  often: {
    value: 10,
    unit: "messages",
    doc: "A second router with another prefix that advertises itself so often, and five times as often as the first, has medium severity"
  }
} as const;

/**
 * False IPv6 routers (RFC 6104: fake_router6, kill_router6, Scapy). A router's link-local address is one station's, so two
 * stations that advertise under it at the same time are one too many, the more so where the second one says that the router
 * is none any more (lifetime 0). Two routers with different prefixes may be a second line of a household.
 */
export const rogueRouter = defineRule<typeof limits, Row>({
  name: "rogue_router",
  doc: "A station advertises itself as an IPv6 router under the address of another one, or beside it with another prefix.",
  blindTo:
    "A false router that takes the true one's hardware address, too; one that is alone, or names the same prefix; prefixes behind the first; captures without Ethernet. Two lines to the Internet in one network look the same, and are told with low severity.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["flows", "network_layer"],
  startsFrom: {network_layer: "kind = 'router_advertisement'"},
  judgesOpen: true,
  countedFlows: "f.proto = 58 AND f.src_port = 134",
  query: (scope, {messages}) => `
    WITH stations AS (
      SELECT n.capture_sha256, f.vlan, n.router, n.src_mac, min(n.ts) AS since, max(n.ts) AS until, count(*) AS messages, count(DISTINCT n.flow_id) AS flows,
        sum(CASE WHEN n.lifetime_s = 0 THEN 1 ELSE 0 END) AS ends, min(n.prefix) AS prefix, max(n.prefix) AS last_prefix, max(n.prefixes) AS prefixes
      FROM ${scope.rows("network_layer")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
      WHERE n.kind = 'router_advertisement' AND n.src_mac IS NOT NULL AND n.router LIKE 'fe80:%' AND f.tunnel IS NULL
      GROUP BY n.capture_sha256, f.vlan, n.router, n.src_mac)
    SELECT * FROM (
      SELECT b.capture_sha256, b.router, b.src_mac AS mac, a.router AS other, a.src_mac AS other_mac, b.prefix, a.prefix AS other_prefix, b.since AS ts_start, b.until AS ts_end,
        b.flows, b.messages, a.messages AS other_messages, b.ends, CASE WHEN a.router = b.router THEN 1 ELSE 0 END AS is_impostor,
        row_number() OVER (PARTITION BY b.capture_sha256, b.vlan, b.router, b.src_mac ORDER BY CASE WHEN a.router = b.router THEN 0 ELSE 1 END, a.since, a.src_mac) AS place
      FROM stations a JOIN stations b ON a.capture_sha256 = b.capture_sha256 AND coalesce(a.vlan, -1) = coalesce(b.vlan, -1) AND a.src_mac <> b.src_mac
      WHERE (a.since < b.since OR (a.since = b.since AND a.src_mac < b.src_mac)) AND a.until >= b.since AND b.messages >= ${messages.value}
        AND (a.router = b.router OR (a.ends < a.messages AND b.ends < b.messages AND a.prefixes = 1 AND b.prefixes = 1
          AND a.prefix = a.last_prefix AND b.prefix = b.last_prefix AND a.prefix <> b.prefix))) p
    WHERE place = 1`,
  incidents: (rows, {messages, often}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ts_start: row.ts_start,
      ts_end: row.ts_end,
      src_ip: row.router,
      dst_ip: "ff02::1",
      dst_port: null,
      flows: row.flows,
      severity:
        row.is_impostor === 1
          ? "high"
          : row.messages >= often.value && row.messages >= 5 * row.other_messages
            ? "medium"
            : "low",
      summary:
        row.is_impostor === 1
          ? `${row.mac} advertised the IPv6 router ${row.router}, which is ${row.other_mac}${row.ends > 0 ? ", as one that is none any more" : ""}.`
          : `${row.router} (${row.mac}) advertised itself as IPv6 router of ${row.prefix} beside ${row.other} of ${row.other_prefix}.`,
      reasons: [
        atLeast("router advertisements", row.messages, messages),
        fact("station", row.mac),
        fact("the other station", row.other_mac),
        fact("advertisements that end the router", row.ends)
      ]
    })),
  yieldsTo: (_incident, other) => other.rule === "router_flood"
});
