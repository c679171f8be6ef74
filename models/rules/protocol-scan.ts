import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  protocols: number;
};

const limits = {
  protocols: {
    value: 20,
    unit: "protocols",
    doc: "Different IP protocols by which one host sends another a packet or two; two hosts that talk have three or four"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is sent for so long"}
} as const;

/** A scan of IP protocols (Nmap's -sO): packets of one protocol after another, to learn which the host refuses. */
export const protocolScan = defineRule<typeof limits, Row>({
  name: "protocol_scan",
  doc: "One host tries many IP protocols at another.",
  blindTo:
    "Scans slower than one protocol a minute; which protocols the host has. A generator of test traffic looks the same.",
  attackTechnique: "T1046",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto NOT IN (1, 2, 6, 17, 41, 47, 50, 51, 58, 88, 89, 103, 112, 132)"},
  judgesOpen: true,
  query: (scope, {protocols, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(DISTINCT proto) AS protocols
    FROM ${sessions(scope.dialect, `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, proto FROM ${scope.rows("flows")} f WHERE src_pkts <= 10)`, ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} s
    GROUP BY capture_sha256, src_ip, dst_ip, session HAVING count(DISTINCT proto) >= ${protocols.value}`,
  incidents: (rows, {protocols}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: row.dst_ip,
      dst_port: null,
      flows: row.flows,
      summary: `${row.src_ip} tried ${row.protocols} IP protocols at ${row.dst_ip} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [atLeast("IP protocols", row.protocols, protocols), fact("flows", row.flows)]
    }))
});
