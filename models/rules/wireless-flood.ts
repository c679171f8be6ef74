import {extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  kind: "farewells" | "beacons";
  src_mac: string | null;
  ts_start: number;
  ts_end: number;
  frames: number;
  stations: number;
  vendors: number;
  seconds: number;
};

const limits = {
  farewells: {
    value: 60,
    unit: "frames",
    doc: "Deauthentications and disassociations in the name of one station within a session; an access point sends a client some, and sends them again"
  },
  rate: {value: 2, unit: "a second", doc: "Least mean rate of them"},
  networks: {
    value: 100,
    unit: "stations",
    doc: "Or: different stations that call themselves access points within a session"
  },
  beacons: {value: 3, unit: "frames", doc: "Of each of those at most on average; a true one sends ten a second"},
  vendors: {
    value: 0.9,
    unit: "of the stations",
    doc: "Least share of different first halves of their addresses; true ones are of few makers, and have several networks each"
  },
  gap: {value: 30, unit: "s", doc: "A session ends when no such frame follows for so long"}
} as const;

/** Floods of wireless networks (aireplay-ng, mdk4, ESP8266 deauther): forged farewells cut stations off, forged beacons hide true ones. */
export const wirelessFlood = defineRule<typeof limits, Row>({
  name: "wireless_flood",
  doc: "Stations of a wireless network are told to leave, again and again, or beacons of ever new access points are sent.",
  blindTo:
    "Who sent the frames, for they bear others' addresses; single farewells that force a new handshake; captures without management frames; floods of other kinds. An access point that never hears its client's answer looks the same for a minute.",
  attackTechnique: "T1498.001",
  severity: "high",
  limits,
  tables: ["link_layer"],
  startsFrom: {
    link_layer: "protocol = 'wlan-management' AND function IN ('Deauthentication', 'Disassociation', 'Beacon')"
  },
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {farewells, rate, networks, beacons, vendors, gap}) => {
    const frames = (condition: string) =>
      `(SELECT capture_sha256, 0 AS flow_id, ts AS ts_start, src_mac, messages, duration_us FROM ${scope.rows("link_layer")} l
        WHERE protocol = 'wlan-management' AND src_mac IS NOT NULL AND ${condition})`;
    const seconds = "(max(at_ms + duration_us / 1000e0) - min(at_ms)) / 1000e0";
    return `
    SELECT * FROM (
      SELECT capture_sha256, 'farewells' AS kind, src_mac, min(ts_start) AS ts_start, max(ts_start) AS ts_end, sum(messages) AS frames, 1 AS stations, 1 AS vendors, ${seconds} AS seconds
      FROM ${sessions(scope.dialect, frames("function IN ('Deauthentication', 'Disassociation')"), ["capture_sha256", "src_mac"], gap.value * 1000)} s
      GROUP BY capture_sha256, src_mac, session) g
    WHERE frames >= ${farewells.value} AND frames >= ${rate.value} * seconds
    UNION ALL
    SELECT * FROM (
      SELECT capture_sha256, 'beacons' AS kind, CAST(NULL AS VARCHAR) AS src_mac, min(ts_start) AS ts_start, max(ts_start) AS ts_end, sum(messages) AS frames, count(DISTINCT src_mac) AS stations,
        count(DISTINCT substr(src_mac, 1, 8)) AS vendors, ${seconds} AS seconds
      FROM ${sessions(scope.dialect, frames("function = 'Beacon'"), ["capture_sha256"], gap.value * 1000)} s GROUP BY capture_sha256, session) h
    WHERE stations >= ${networks.value} AND frames <= ${beacons.value} * stations AND vendors >= ${vendors.value} * stations`;
  },
  incidents: (rows, {farewells, networks, beacons, vendors, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.kind}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, kind, src_mac}] = group;
      const frames = total(group, (row) => row.frames);
      const stations = total(group, (row) => row.stations);
      const longest = Math.max(...group.map((row) => row.seconds)) * 1e6;
      const isFarewell = kind === "farewells";
      return {
        capture_sha256,
        ...extent(group),
        src_ip: null,
        dst_ip: null,
        dst_port: null,
        flows: frames,
        summary: isFarewell
          ? `Stations of a wireless network were told to leave by ${amount(frames)} frames in ${span(longest)}, in the name of ${stations === 1 ? src_mac : counted(stations, "station")}.`
          : `${amount(stations)} stations called themselves access points in ${span(longest)}, by ${amount(frames)} beacons.`,
        reasons: isFarewell
          ? [
              atLeast("deauthentications and disassociations", Math.max(...group.map((row) => row.frames)), farewells),
              fact("stations named", stations)
            ]
          : [
              atLeast("stations that send beacons", stations, networks),
              atMost("beacons of each", frames / stations, beacons),
              atLeast("share of different makers", total(group, (row) => row.vendors) / stations, vendors)
            ]
      };
    })
});
