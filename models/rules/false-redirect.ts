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
  holder: string;
  router: string;
};

const limits = {
  messages: {
    value: 1,
    unit: "messages",
    doc: "Redirects from a station that is not the one whose address they carry, by ARP and router advertisements"
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
  doc: "A station sends an ICMP redirect in the name of a router that it is not.",
  blindTo:
    "Redirects whose sender takes the router's hardware address, too, or whose router neither ARP nor an advertisement of the capture tells; whether hosts obeyed, as few do. A router that moved its address to another interface may look the same.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["flows", "network_layer", "arp"],
  startsFrom: {network_layer: "kind = 'redirect'"},
  judgesOpen: true,
  countedFlows: "(f.proto = 1 AND f.src_port = 5) OR (f.proto = 58 AND f.src_port = 137)",
  query: (scope, {messages}) => `
    WITH redirects AS (
      SELECT n.capture_sha256, n.flow_id, n.ts, n.src_mac, n.router, f.src_ip, f.dst_ip
      FROM ${scope.rows("network_layer")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
      WHERE n.kind = 'redirect' AND n.src_mac IS NOT NULL AND f.tunnel IS NULL AND NOT ${isSharedMac("n.src_mac")}),
    holders AS (
      SELECT capture_sha256, ip, min(mac) AS holder, count(DISTINCT mac) AS macs FROM (
        SELECT capture_sha256, sender_ip AS ip, sender_mac AS mac FROM ${scope.rows("arp")} a WHERE sender_ip <> '0.0.0.0'
        UNION ALL
        SELECT capture_sha256, router, src_mac FROM ${scope.rows("network_layer")} m WHERE kind = 'router_advertisement' AND src_mac IS NOT NULL) h
      GROUP BY capture_sha256, ip)
    SELECT r.capture_sha256, r.src_ip, r.dst_ip, r.src_mac AS mac, h.holder, min(r.router) AS router, min(r.ts) AS ts_start, max(r.ts) AS ts_end,
      count(*) AS messages, count(DISTINCT r.flow_id) AS flows
    FROM redirects r JOIN holders h ON h.capture_sha256 = r.capture_sha256 AND h.ip = r.src_ip
    WHERE h.macs = 1 AND h.holder <> r.src_mac AND NOT ${isSharedMac("h.holder")}
    GROUP BY r.capture_sha256, r.src_ip, r.dst_ip, r.src_mac, h.holder HAVING count(*) >= ${messages.value}`,
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
        summary: `${mac} told ${hosts === 1 ? group[0].dst_ip : counted(hosts, "host")} in the name of ${src_ip}, which is ${holder}, to send by ${router}.`,
        reasons: [
          atLeast("redirects", sent, messages),
          fact("station", mac),
          fact("the router's station", holder),
          fact("the router named", router)
        ]
      };
    })
});
