import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  clients: number;
  /** Those of them that speak for themselves by ARP. */
  heard: number;
  seconds: number;
};

const limits = {
  clients: {value: 50, unit: "MAC addresses", doc: "Different MAC addresses that ask for an address within a session"},
  rate: {value: 6, unit: "a second", doc: "Least mean rate of them; a network that is switched on is slower"},
  heard: {
    value: 0.5,
    unit: "of the addresses",
    doc: "From such a share of them that are heard by ARP (they try whether their new address is free, and use it) they are machines"
  },
  gap: {value: 5, unit: "s", doc: "A session ends when no further one asks for so long"}
} as const;

/** DHCP starvation (dhcpstarv, Yersinia, DHCPig): one station asks under ever new MAC addresses until none is left. */
export const dhcpStarvation = defineRule<typeof limits, Row>({
  name: "dhcp_starvation",
  doc: "Ever new MAC addresses ask for addresses by DHCP, faster than machines are switched on.",
  blindTo:
    "Slow starvation; which station it is; a false DHCP server. A class room or a fair that is switched on at once looks the same where no ARP of its machines is captured (behind a relay).",
  attackTechnique: "T1499",
  severity: "high",
  limits,
  tables: ["flows", "dhcp", "arp"],
  startsFrom: {dhcp: "message = 'discover'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dhcp'",
  query: (scope, {clients, rate, heard, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(DISTINCT client_mac) AS clients, count(DISTINCT heard_mac) AS heard,
        (max(at_ms) - min(at_ms)) / 1000e0 AS seconds
      FROM ${sessions(
        scope.dialect,
        `(SELECT d.capture_sha256, flow_id, ts AS ts_start, client_mac, a.sender_mac AS heard_mac
          FROM ${scope.rows("dhcp")} d LEFT JOIN (SELECT DISTINCT capture_sha256, sender_mac FROM ${scope.rows("arp")} r) a
            ON a.capture_sha256 = d.capture_sha256 AND a.sender_mac = d.client_mac
          WHERE message = 'discover' AND client_mac IS NOT NULL)`,
        ["capture_sha256"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, session) g
    WHERE clients >= ${clients.value} AND clients >= ${rate.value} * seconds AND heard < ${heard.value} * clients`,
  incidents: (rows, {clients, heard}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: null,
      dst_ip: "255.255.255.255",
      dst_port: 67,
      flows: row.flows,
      summary: `${row.clients} MAC addresses asked for an address by DHCP in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("MAC addresses that ask", row.clients, clients),
        fact("time", row.seconds, "s"),
        atMost("share of them that are heard by ARP", row.heard / row.clients, heard)
      ]
    }))
});
