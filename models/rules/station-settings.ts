import {extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_mac: string;
  dst_mac: string;
  ts_start: number;
  ts_end: number;
  changes: number;
};

const limits = {
  changes: {
    value: 5,
    unit: "changes",
    doc: "Changes of one station's name, address or factory settings within a session; who sets a station up does so once or twice"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is changed for so long"}
} as const;

/** Disturbance of PROFINET stations (DCP Set by Scapy, ISF): names and addresses changed again and again, which stops their cyclic data. */
export const stationSettings = defineRule<typeof limits, Row>({
  name: "station_settings",
  doc: "A host changes the name or the address of a PROFINET station again and again.",
  blindTo:
    "A single change, which is as harmful; what the station did then. A tool that tries settings until one is accepted looks the same.",
  attackTechnique: "T0836",
  severity: "medium",
  limits,
  tables: ["link_layer"],
  startsFrom: {link_layer: "protocol = 'profinet-dcp' AND is_write"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {changes, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_mac, dst_mac, min(ts_start) AS ts_start, max(ts_start) AS ts_end, sum(messages) AS changes
      FROM ${sessions(
        scope.dialect,
        `(SELECT capture_sha256, 0 AS flow_id, ts AS ts_start, src_mac, dst_mac, messages FROM ${scope.rows("link_layer")} l
          WHERE protocol = 'profinet-dcp' AND is_write AND src_mac IS NOT NULL
            AND (address LIKE 'IP parameter%' OR address LIKE 'full IP%' OR address LIKE 'name of station%' OR address LIKE '%factory%'))`,
        ["capture_sha256", "src_mac", "dst_mac"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, src_mac, dst_mac, session) g
    WHERE changes >= ${changes.value}`,
  incidents: (rows, {changes, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_mac}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_mac, dst_mac}] = group;
      const stations = new Set(group.map((row) => row.dst_mac)).size;
      const made = total(group, (row) => row.changes);
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip: null,
        dst_ip: null,
        dst_port: null,
        flows: made,
        summary: `${src_mac} changed name or address of ${stations === 1 ? dst_mac : counted(stations, "PROFINET station")} ${counted(made, "time")} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("changes of one station", Math.max(...group.map((row) => row.changes)), changes),
          fact("stations", stations)
        ]
      };
    })
});
