import {isSharedMac} from "./addresses.ts";
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
  messages: number;
  mac: string;
  /** The station whose address the redirects carry; null where the capture does not tell. */
  holder: string | null;
  router: string;
};

const limits = {
  messages: {
    value: 1,
    unit: "messages",
    doc: "Redirects from a station that is not the one whose address they carry, by ARP and router advertisements"
  },
  unasked: {
    value: 3,
    unit: "messages",
    doc: "Or: redirects of a host for destinations to which it sends nothing, while it sends to others"
  },
  gap: {value: 300, unit: "s", doc: "Redirects of one station so close together are one incident"}
} as const;

/**
 * False ICMP redirects (Ettercap, netwox, redir6): a station says in a router's name that a destination is reached by
 * another router. Hosts follow only the router they use, so the message has to carry its address; the frame has the
 * sender's own.
 */
export const falseRedirect = defineRule<typeof limits, Row>({
  name: "false_redirect",
  doc: "A station sends an ICMP redirect in the name of a router that it is not, or for packets that nobody sent.",
  blindTo:
    "Redirects whose sender takes the router's hardware address, too, or whose router neither ARP nor an advertisement of the capture tells, where they answer true packets; whether hosts obeyed, as few do. A router that moved its address to another interface may look the same.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["flows", "network_layer", "arp"],
  startsFrom: {network_layer: "kind = 'redirect'"},
  judgesOpen: true,
  countedFlows: "(f.proto = 1 AND f.src_port = 5) OR (f.proto = 58 AND f.src_port = 137)",
  query: (scope, {messages, unasked}) => `
    WITH redirects AS (
      SELECT n.capture_sha256, n.flow_id, n.ts, n.src_mac, n.router, n.destination, f.src_ip, f.dst_ip
      FROM ${scope.rows("network_layer")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
      WHERE n.kind = 'redirect' AND n.src_mac IS NOT NULL AND f.tunnel IS NULL AND NOT ${isSharedMac("n.src_mac")}),
    holders AS (
      SELECT capture_sha256, ip, min(mac) AS holder, count(DISTINCT mac) AS macs FROM (
        SELECT capture_sha256, sender_ip AS ip, sender_mac AS mac FROM ${scope.rows("arp")} a WHERE sender_ip <> '0.0.0.0'
        UNION ALL
        SELECT capture_sha256, router, src_mac FROM ${scope.rows("network_layer")} m WHERE kind = 'router_advertisement' AND src_mac IS NOT NULL) h
      GROUP BY capture_sha256, ip),
    named AS (
      SELECT r.*, CASE WHEN h.macs = 1 AND NOT ${isSharedMac("h.holder")} THEN h.holder END AS holder, CASE WHEN h.holder IS NULL THEN 1 ELSE 0 END AS is_unknown,
        CASE WHEN o.macs = 1 AND o.holder = r.src_mac AND r.router <> r.src_ip THEN 1 ELSE 0 END AS is_own
      FROM redirects r LEFT JOIN holders h ON h.capture_sha256 = r.capture_sha256 AND h.ip = r.src_ip
      LEFT JOIN holders o ON o.capture_sha256 = r.capture_sha256 AND o.ip = r.router),
    talkers AS (
      SELECT DISTINCT capture_sha256, src_ip, dst_ip FROM ${scope.rows("flows")} f WHERE proto IN (6, 17)),
    told AS (
      SELECT n.*, CASE WHEN n.destination IS NOT NULL
          AND EXISTS (SELECT 1 FROM talkers t WHERE t.capture_sha256 = n.capture_sha256 AND t.src_ip = n.dst_ip)
          AND NOT EXISTS (SELECT 1 FROM talkers t WHERE t.capture_sha256 = n.capture_sha256 AND t.src_ip = n.dst_ip AND t.dst_ip = n.destination)
          AND NOT EXISTS (SELECT 1 FROM talkers t WHERE t.capture_sha256 = n.capture_sha256 AND t.dst_ip = n.dst_ip AND t.src_ip = n.destination)
        THEN 1 ELSE 0 END AS is_unasked
      FROM named n)
    SELECT capture_sha256, src_ip, dst_ip, src_mac AS mac, min(holder) AS holder, min(router) AS router, min(ts) AS ts_start, max(ts) AS ts_end,
      count(*) AS messages, count(DISTINCT flow_id) AS flows
    FROM told r
    GROUP BY capture_sha256, src_ip, dst_ip, src_mac
    HAVING count(*) >= ${messages.value} AND (min(holder) <> src_mac OR (max(is_unknown) = 1 AND (max(is_own) = 1 OR sum(is_unasked) >= ${unasked.value})))`,
  incidents: (rows, {messages, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.mac}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, mac, holder, router}] = group;
      const hosts = new Set(group.map(({dst_ip}) => dst_ip)).size;
      const sent = total(group, (row) => row.messages);
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: common(group.map(({dst_ip}) => dst_ip)),
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${mac} told ${hosts === 1 ? group[0].dst_ip : counted(hosts, "host")} in the name of ${src_ip}${holder === null ? "" : `, which is ${holder},`} to send by ${router}.`,
        reasons: [
          atLeast("redirects", sent, messages),
          fact("station", mac),
          ...(holder === null ? [] : [fact("the router's station", holder)]),
          fact("the router named", router)
        ]
      };
    })
});
