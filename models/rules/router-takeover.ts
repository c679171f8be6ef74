import {placeOfMessages} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  protocol: "hsrp" | "vrrp" | "glbp";
  group_id: number;
  src_ip: string;
  address: string | null;
  other: string;
  priority: number;
  other_priority: number;
  ts_start: number;
  ts_end: number;
  messages: number;
};

const limits = {
  priority: {
    value: 255,
    unit: "of 255",
    doc: "Least priority of the router that takes over: the highest, which VRRP gives to the owner of the address alone"
  }
} as const;

/**
 * Takeover of the address that hosts use as their router (Yersinia, Loki, Scapy): a router that nobody knew becomes the
 * active one by the highest priority. A true router of HSRP or GLBP listens and speaks before it is active; in VRRP the highest
 * priority belongs to the router whose own address the group's is (RFC 5798 §5.2.4).
 */
export const routerTakeover = defineRule<typeof limits, Row>({
  name: "router_takeover",
  doc: "An unknown router takes the address of a group of redundant routers (HSRP, VRRP, GLBP) by the highest priority.",
  blindTo:
    "A takeover by a lower priority, or that began before the capture; CARP; copied messages of the true router; a spoofer who names the group's address as his own. A router whose administrator gave it 255 and that was off until then looks the same.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["neighbours"],
  startsFrom: {neighbours: "protocol IN ('hsrp', 'vrrp', 'glbp') AND priority = 255"},
  judgesOpen: true,
  countedFlows: "(f.dst_port IN (1985, 3222) OR f.proto = 112)",
  query: (scope, {priority}) => `
    WITH routers AS (
      SELECT capture_sha256, protocol, group_id, src_ip, min(ts) AS since, max(ts) AS until, max(address) AS address, max(priority) AS priority, sum(messages) AS messages,
        min(CASE WHEN priority >= ${priority.value} AND (protocol = 'vrrp' OR state = 'active') THEN ts END) AS taken,
        min(CASE WHEN protocol = 'vrrp' OR state = 'active' THEN ts END) AS led
      FROM ${scope.rows("neighbours")} n WHERE protocol IN ('hsrp', 'vrrp', 'glbp') AND src_ip IS NOT NULL AND priority > 0 AND group_id IS NOT NULL
      GROUP BY capture_sha256, protocol, group_id, src_ip)
    SELECT * FROM (
      SELECT b.capture_sha256, b.protocol, b.group_id, b.src_ip, b.address, a.src_ip AS other, b.priority, a.priority AS other_priority, b.since AS ts_start, b.until AS ts_end, b.messages,
        row_number() OVER (PARTITION BY b.capture_sha256, b.protocol, b.group_id, b.src_ip ORDER BY a.since, a.src_ip) AS place
      FROM routers b JOIN routers a ON a.capture_sha256 = b.capture_sha256 AND a.protocol = b.protocol AND a.group_id = b.group_id AND a.src_ip <> b.src_ip
      WHERE b.taken = b.since AND a.led < b.since AND a.priority < ${priority.value}
        AND (b.protocol <> 'vrrp' OR (b.address IS NOT NULL AND b.address <> b.src_ip))
        AND coalesce(a.address, '') = coalesce(b.address, a.address, '')) p
    WHERE place = 1`,
  incidents: (rows, {priority}) =>
    rows.map((row) => ({
      ...placeOfMessages(row, row.src_ip),
      summary: `${row.src_ip} took ${row.address ?? "the address"} of ${row.protocol.toUpperCase()} group ${row.group_id} from ${row.other} by priority ${row.priority}.`,
      reasons: [
        atLeast("priority", row.priority, priority),
        fact("router until then", row.other),
        fact("its priority", row.other_priority)
      ]
    }))
});
