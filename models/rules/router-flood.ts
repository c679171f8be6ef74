import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  routers: number;
  packets: number;
};

const limits = {
  routers: {
    value: 10,
    unit: "routers",
    doc: "Different addresses that announce themselves as routers of a segment within a session; a segment has one to three"
  },
  gap: {value: 10, unit: "s", doc: "A session ends when no further router announces itself for so long"}
} as const;

/** A flood of IPv6 router advertisements (flood_router26): every host of the segment configures an address for each. */
export const routerFlood = defineRule<typeof limits, Row>({
  name: "router_flood",
  doc: "Ever new addresses announce themselves as IPv6 routers.",
  blindTo:
    "One false router beside the true one, since redundant routers look the same; floods under one address; floods of neighbour solicitations and advertisements.",
  attackTechnique: "T1499.001",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 58 AND src_port = 134"},
  judgesOpen: true,
  countedFlows: "f.proto = 58 AND f.src_port = 134",
  query: (scope, {routers, gap}) => `
    SELECT capture_sha256, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(DISTINCT src_ip) AS routers, sum(src_pkts) AS packets
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, src_pkts FROM ${scope.rows("flows")} f WHERE proto = 58 AND src_port = 134 AND src_ip LIKE 'fe80:%')`,
      ["capture_sha256"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, session HAVING count(DISTINCT src_ip) >= ${routers.value}`,
  incidents: (rows, {routers}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: null,
      dst_ip: "ff02::1",
      dst_port: null,
      flows: row.flows,
      summary: `${row.routers} addresses announced themselves as IPv6 routers in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [atLeast("routers", row.routers, routers), fact("advertisements", row.packets)]
    }))
});
