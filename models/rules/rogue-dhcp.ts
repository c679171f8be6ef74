import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  other: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  clients: number;
  router: string;
  other_router: string;
  answers: number;
  other_answers: number;
};

const limits = {
  clients: {
    value: 1,
    unit: "hosts",
    doc: "Clients to which one request brings answers of two servers that name different routers"
  }
} as const;

/**
 * A false DHCP server (Ettercap, Yersinia, a router plugged in the wrong way): two servers answer one request and send the
 * client to different routers. The one that answers less, or came later, is told.
 */
export const rogueDhcp = defineRule<typeof limits, Row>({
  name: "rogue_dhcp",
  doc: "Two DHCP servers answer the same request and name different routers: one of them is false.",
  blindTo:
    "Which of the two is the false one, where both answer alike; a false server that is faster, so that the true one keeps silent; one that changes name servers alone. A router of a second line that is plugged into the network looks the same, and is as harmful.",
  attackTechnique: "T1557.003",
  severity: "medium",
  limits,
  tables: ["flows", "dhcp"],
  startsFrom: {dhcp: "message = 'offer'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dhcp'",
  query: (scope, {clients}) => `
    WITH answers AS (SELECT capture_sha256, flow_id, ts, client_mac, transaction_id, server, router FROM ${scope.rows("dhcp")} d
        WHERE message = 'offer' AND server IS NOT NULL AND router IS NOT NULL AND client_mac IS NOT NULL),
    servers AS (SELECT capture_sha256, server, count(*) AS answers, min(ts) AS since FROM answers GROUP BY capture_sha256, server)
    SELECT a.capture_sha256, a.server AS src_ip, b.server AS other, min(a.ts) AS ts_start, max(a.ts) AS ts_end, count(DISTINCT a.flow_id) AS flows,
      count(DISTINCT a.client_mac) AS clients, min(a.router) AS router, min(b.router) AS other_router, max(s.answers) AS answers, max(o.answers) AS other_answers
    FROM answers a JOIN answers b ON b.capture_sha256 = a.capture_sha256 AND b.client_mac = a.client_mac AND b.transaction_id = a.transaction_id
      AND b.server <> a.server AND b.router <> a.router
    JOIN servers s ON s.capture_sha256 = a.capture_sha256 AND s.server = a.server
    JOIN servers o ON o.capture_sha256 = b.capture_sha256 AND o.server = b.server
    WHERE s.answers < o.answers OR (s.answers = o.answers AND (s.since > o.since OR (s.since = o.since AND a.server > b.server)))
    GROUP BY a.capture_sha256, a.server, b.server
    HAVING count(DISTINCT a.client_mac) >= ${clients.value}`,
  incidents: (rows, {clients}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: null,
      dst_port: null,
      flows: row.flows,
      summary: `${row.src_ip} answered by DHCP beside ${row.other}, and named ${row.router} as router instead of ${row.other_router}.`,
      reasons: [
        atLeast("clients that two servers answered", row.clients, clients),
        fact("answers", row.answers),
        fact(`answers of ${row.other}`, row.other_answers)
      ]
    }))
});
