import {placeOfMessages} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  protocol: "cdp" | "lldp" | "stp";
  ts_start: number;
  ts_end: number;
  messages: number;
  stations: number;
  seconds: number;
};

const limits = {
  stations: {
    value: 100,
    unit: "stations",
    doc: "Different hardware addresses that announce themselves by one protocol within a session"
  },
  rate: {value: 10, unit: "a second", doc: "Least mean rate of new ones"},
  gap: {value: 5, unit: "s", doc: "A session ends when no message comes for so long"}
} as const;

/**
 * Flood of neighbours (Yersinia): one station announces itself as ever new switches, so that the tables of true ones run
 * full, or their spanning tree is computed without end. CDP, LLDP and spanning tree are not forwarded: at one port
 * a few speak, however large the network.
 */
export const neighbourFlood = defineRule<typeof limits, Row>({
  name: "neighbour_flood",
  doc: "Ever new devices announce themselves by CDP, LLDP or spanning tree, more than a port can have neighbours.",
  blindTo:
    "Floods from one hardware address, and slow ones; which station it is. A capture that joins the ports of a hundred switches looks the same.",
  attackTechnique: "T1499",
  severity: "high",
  limits,
  tables: ["neighbours"],
  startsFrom: {neighbours: "protocol IN ('cdp', 'lldp', 'stp')"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {stations, rate, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, protocol, min(ts_start) AS ts_start, max(ts_start) AS ts_end, sum(messages) AS messages, count(DISTINCT src_mac) AS stations,
        (max(at_ms) - min(at_ms)) / 1000e0 AS seconds
      FROM ${sessions(
        scope.dialect,
        `(SELECT capture_sha256, src_mac AS flow_id, src_mac, protocol, ts AS ts_start, messages FROM ${scope.rows("neighbours")} n WHERE protocol IN ('cdp', 'lldp', 'stp') AND src_mac IS NOT NULL)`,
        ["capture_sha256", "protocol"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, protocol, session) g
    WHERE stations >= ${stations.value} AND stations >= ${rate.value} * seconds`,
  incidents: (rows, {stations, rate}) =>
    rows.map((row) => ({
      ...placeOfMessages(row, null),
      summary: `${counted(row.stations, "station")} announced themselves by ${row.protocol === "stp" ? "spanning tree" : row.protocol.toUpperCase()} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        atLeast("stations that announce themselves", row.stations, stations),
        atLeast("mean rate", row.stations / Math.max(row.seconds, 1), rate),
        fact("messages", row.messages)
      ]
    }))
});
