import {isSharedMac} from "./addresses.ts";
import {extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  mac: string;
  holder: string;
  address: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  claims: number;
  unasked: number;
};

const limits = {
  unasked: {
    value: 10,
    unit: "messages",
    doc: "Announcements nobody asked for of an address that another station has claimed; a host that moved sends three (RFC 4861 §7.2.6)"
  },
  addresses: {
    value: 3,
    unit: "addresses",
    doc: "Or: addresses for which a station and the true one answer at the same time"
  },
  answer: {value: 1, unit: "s", doc: "Answers so close together are at the same time"},
  gap: {value: 300, unit: "s", doc: "Claims of one station so close together are one incident"}
} as const;

/** Spoofing of IPv6 neighbours (parasite6, Ettercap, bettercap): a station says that others' addresses are its own, and that what was known is to be replaced. */
export const neighbourSpoof = defineRule<typeof limits, Row>({
  name: "neighbour_spoof",
  doc: "A station claims by IPv6 neighbour discovery, again and again or for many, addresses that are another's.",
  blindTo:
    "Spoofing whose true holder says nothing in the capture, or of few messages; messages that do not override; captures without Ethernet. Two machines of one address by mistake look the same where they go on to announce it.",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["network_layer"],
  startsFrom: {network_layer: "kind IN ('neighbour_advertisement', 'neighbour_announcement')"},
  judgesOpen: true,
  countedFlows: "f.proto = 58 AND f.src_port IN (135, 136)",
  query: (scope, {unasked, addresses, answer}) => `
    WITH claims AS (
      SELECT capture_sha256, destination AS address, src_mac AS mac, min(ts) AS ts_start, max(ts) AS ts_end, ${scope.dialect.epochMs("min(ts)")} AS since_ms, ${scope.dialect.epochMs("max(ts)")} AS until_ms,
        count(*) AS claims, count(DISTINCT flow_id) AS flows, sum(CASE WHEN kind = 'neighbour_announcement' THEN 1 ELSE 0 END) AS unasked
      FROM ${scope.rows("network_layer")} n
      WHERE kind IN ('neighbour_advertisement', 'neighbour_announcement') AND src_mac IS NOT NULL AND destination IS NOT NULL AND NOT ${isSharedMac("src_mac")}
      GROUP BY capture_sha256, destination, src_mac),
    disputed AS (
      SELECT b.capture_sha256, b.address, b.mac, a.mac AS holder, b.ts_start, b.ts_end, b.claims, b.flows, b.unasked, a.unasked AS others_unasked,
        CASE WHEN a.since_ms <= b.until_ms + ${answer.value * 1000} AND b.since_ms <= a.until_ms + ${answer.value * 1000} THEN 1 ELSE 0 END AS is_at_once
      FROM claims b JOIN claims a ON a.capture_sha256 = b.capture_sha256 AND a.address = b.address AND a.mac <> b.mac),
    stations AS (
      SELECT capture_sha256, mac, count(DISTINCT CASE WHEN is_at_once = 1 THEN address END) AS addresses FROM disputed d GROUP BY capture_sha256, mac)
    SELECT d.capture_sha256, d.mac, min(d.holder) AS holder, d.address, d.ts_start, d.ts_end, max(d.flows) AS flows, max(d.claims) AS claims, max(d.unasked) AS unasked
    FROM disputed d JOIN stations s ON s.capture_sha256 = d.capture_sha256 AND s.mac = d.mac
    WHERE (d.unasked >= ${unasked.value} AND d.unasked > d.others_unasked) OR (s.addresses >= ${addresses.value} AND d.is_at_once = 1)
    GROUP BY d.capture_sha256, d.mac, d.address, d.ts_start, d.ts_end`,
  incidents: (rows, {unasked, addresses, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.mac}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, mac, holder, address}] = group;
      const claimed = new Set(group.map((row) => row.address)).size;
      const most = Math.max(...group.map((row) => row.unasked));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip: null,
        dst_ip: claimed === 1 ? address : null,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${mac} claimed ${claimed === 1 ? `${address}, which ${holder} has` : counted(claimed, "address of others", "addresses of others")}, in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          most >= unasked.value
            ? atLeast("announcements that nobody asked for", most, unasked)
            : atLeast("addresses claimed with others", claimed, addresses),
          fact("station", mac),
          fact(
            "claims",
            total(group, (row) => row.claims)
          )
        ]
      };
    })
});
