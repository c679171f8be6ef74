import {isSharedMac} from "./addresses.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  mac: string;
  ip: string;
  ts_start: number;
  ts_end: number;
  claims: number;
  unasked: number;
  /** Requests by this station, under another address, for the address that it claims. */
  asked: number;
  /** A station that claims the address too; null where none does. */
  holder: string | null;
  own: string | null;
};

const limits = {
  unasked: {
    value: 3,
    unit: "packets",
    doc: "Replies that nobody asked for, and disputed announcements, of an address that another station goes on to claim"
  },
  turn: {
    value: 20,
    unit: "s",
    doc: "An announcement is disputed where the other station claims the address so shortly before and after, and the announcer held it no longer: machines that take turns (VRRP, HSRP, clusters) hold it longer"
  },
  asked: {
    value: 1,
    unit: "requests",
    doc: "Requests of a station for the very address that it claims in a reply that nobody asked for"
  },
  answer: {value: 2, unit: "s", doc: "A reply that comes later after its request was not asked for"},
  gap: {value: 300, unit: "s", doc: "Claims of one station so close together are one incident"}
} as const;

/**
 * ARP cache poisoning: a station says that an address is its own, unasked, while another station claims it before and
 * after, or though it asks for that address itself. An address that moves to another machine (DHCP, a replaced host) is
 * claimed by the old one no more; where the spoofing began before the capture, the true holder is the one that was asked; machines that share an address hold it in turns; a router that answers for others (proxy
 * ARP) was asked.
 */
export const arpSpoof = defineRule<typeof limits, Row>({
  name: "arp_spoof",
  doc: "A station claims by ARP, unasked, an address that is another's.",
  blindTo:
    "Spoofing whose true holder says nothing, where the spoofer does not ask for the address either; replies that come first to a true request; neighbour discovery of IPv6; who stands behind a hardware address; announcements alone while the true holder is silent for twenty seconds.",
  attackTechnique: "T1557.002",
  severity: "high",
  limits,
  tables: ["arp"],
  startsFrom: {arp: "TRUE"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {unasked, asked, answer, turn}) => `
    WITH talk AS (
      SELECT capture_sha256, ts, ${scope.dialect.epochMs("ts")} AS at_ms, operation, sender_mac, sender_ip, target_ip,
        CASE WHEN sender_ip = target_ip OR (operation = 2 AND target_mac = 'ff:ff:ff:ff:ff:ff') THEN 1 ELSE 0 END AS is_announced,
        CASE WHEN operation = 1 THEN sender_ip ELSE target_ip END AS asking,
        CASE WHEN operation = 1 THEN target_ip ELSE sender_ip END AS wanted
      FROM ${scope.rows("arp")} a WHERE operation IN (1, 2) AND sender_ip <> '0.0.0.0'),
    timed AS (
      SELECT t.*, max(CASE WHEN operation = 1 AND sender_ip <> target_ip THEN at_ms END)
        OVER (PARTITION BY capture_sha256, asking, wanted ORDER BY at_ms, operation ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS asked_ms
      FROM talk t),
    claims AS (
      SELECT capture_sha256, sender_mac AS mac, sender_ip AS ip, min(ts) AS ts_start, max(ts) AS ts_end, count(*) AS claims,
        sum(CASE WHEN operation = 2 AND is_announced = 0 AND (asked_ms IS NULL OR at_ms - asked_ms > ${answer.value * 1000}) THEN 1 ELSE 0 END) AS replies
      FROM timed m WHERE NOT ${isSharedMac("sender_mac")} GROUP BY capture_sha256, sender_mac, sender_ip),
    marked AS (
      SELECT t.*, CASE WHEN lag(sender_mac) OVER (PARTITION BY capture_sha256, sender_ip ORDER BY at_ms, sender_mac) = sender_mac THEN 0 ELSE 1 END AS is_first FROM talk t),
    turns AS (
      SELECT capture_sha256, sender_ip AS ip, sender_mac AS mac, turn_no, min(at_ms) AS from_ms, max(at_ms) AS to_ms, sum(is_announced) AS announced
      FROM (SELECT k.*, sum(is_first) OVER (PARTITION BY capture_sha256, sender_ip ORDER BY at_ms, sender_mac ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS turn_no FROM marked k) n
      GROUP BY capture_sha256, sender_ip, sender_mac, turn_no),
    disputes AS (
      SELECT capture_sha256, ip, mac, sum(announced) AS announcements
      FROM (SELECT u.*, from_ms - lag(to_ms) OVER (PARTITION BY capture_sha256, ip ORDER BY turn_no) AS since_ms,
          lead(from_ms) OVER (PARTITION BY capture_sha256, ip ORDER BY turn_no) - to_ms AS until_ms FROM turns u) d
      WHERE since_ms <= ${turn.value * 1000} AND until_ms <= ${turn.value * 1000} AND to_ms - from_ms <= ${turn.value * 1000}
      GROUP BY capture_sha256, ip, mac),
    held AS (
      SELECT b.capture_sha256, b.mac, b.ip, min(a.mac) AS holder
      FROM claims b JOIN claims a ON a.capture_sha256 = b.capture_sha256 AND a.ip = b.ip AND a.mac <> b.mac
      WHERE (a.ts_start <= b.ts_start AND b.ts_start <= a.ts_end)
        OR (b.ts_start <= a.ts_start AND a.ts_end <= b.ts_end AND a.replies = 0 AND b.replies >= ${unasked.value})
      GROUP BY b.capture_sha256, b.mac, b.ip),
    questions AS (
      SELECT capture_sha256, sender_mac AS mac, target_ip AS ip, count(*) AS asked, min(sender_ip) AS own
      FROM talk t WHERE operation = 1 AND sender_ip <> target_ip GROUP BY capture_sha256, sender_mac, target_ip),
    owned AS (
      SELECT capture_sha256, mac, min(ip) AS own FROM claims c WHERE replies = 0 GROUP BY capture_sha256, mac)
    SELECT c.capture_sha256, c.mac, c.ip, c.ts_start, c.ts_end, c.claims, c.replies + coalesce(d.announcements, 0) AS unasked,
      coalesce(q.asked, 0) AS asked, h.holder, coalesce(q.own, o.own) AS own
    FROM claims c
    LEFT JOIN disputes d ON d.capture_sha256 = c.capture_sha256 AND d.mac = c.mac AND d.ip = c.ip
    LEFT JOIN held h ON h.capture_sha256 = c.capture_sha256 AND h.mac = c.mac AND h.ip = c.ip
    LEFT JOIN questions q ON q.capture_sha256 = c.capture_sha256 AND q.mac = c.mac AND q.ip = c.ip
    LEFT JOIN owned o ON o.capture_sha256 = c.capture_sha256 AND o.mac = c.mac
    WHERE (h.holder IS NOT NULL AND c.replies + coalesce(d.announcements, 0) >= ${unasked.value})
      OR (q.asked >= ${asked.value} AND c.replies >= 1)`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.mac}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, mac}] = group;
      const ips = [...new Set(group.map(({ip}) => ip))].sort();
      const own = group.find((row) => row.own !== null && !ips.includes(row.own))?.own ?? null;
      const holders = [...new Set(group.flatMap(({holder}) => holder ?? []))].sort();
      const unasked = total(group, (row) => row.unasked);
      const asked = total(group, (row) => row.asked);
      const time = extent(group);
      const whose = holders.length > 0 ? `, which ${holders.join(" and ")} ${holders.length > 1 ? "have" : "has"}` : "";
      return {
        capture_sha256,
        ...time,
        src_ip: own,
        dst_ip: common(group.map(({ip}) => ip)),
        dst_port: null,
        flows: total(group, (row) => row.claims),
        summary: `${mac}${own === null ? "" : ` (${own})`} claimed ${ips.length > 3 ? counted(ips.length, "address", "addresses") : ips.join(" and ")}${whose}, ${counted(unasked, "time")} unasked in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          ...(holders.length > 0 ? [atLeast("claims that nobody asked for", unasked, limits.unasked)] : []),
          ...(asked > 0 ? [atLeast("requests for an address that it claims", asked, limits.asked)] : []),
          fact("station", mac),
          ...(holders.length > 0 ? [fact("other stations with these addresses", holders.join(", "))] : [])
        ]
      };
    })
});
