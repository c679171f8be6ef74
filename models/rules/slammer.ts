import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  a_host: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  hosts: number;
  packets: number;
};

const limits = {
  packets: {
    value: 1,
    unit: "packets",
    doc: "Packets of 376 bytes to the SQL Server Resolution Service: its requests have 34 at most ([MC-SQLR] §2.2)"
  }
} as const;

/** The worm Slammer (Sapphire, MS02-039): one packet of 376 bytes to UDP port 1434 is all of it. */
export const slammer = defineRule<typeof limits, Row>({
  name: "slammer",
  doc: "A host sends the packet of the Slammer worm.",
  blindTo:
    "Other exploits of the SQL Server Resolution Service; what the packet holds, of which only its length is looked at. Another protocol with packets of just this length on that port looks the same.",
  attackTechnique: "T1210",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 17 AND dst_port = 1434"},
  judgesOpen: true,
  countedFlows: "f.proto = 17 AND f.dst_port = 1434",
  query: (scope) => `
    SELECT capture_sha256, src_ip, min(dst_ip) AS a_host, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(DISTINCT dst_ip) AS hosts, sum(src_pkts) AS packets
    FROM ${scope.rows("flows")} f
    WHERE proto = 17 AND dst_port = 1434 AND src_pkts >= 1 AND src_payload_bytes = 376 * src_pkts AND dst_payload_bytes = 0
    GROUP BY capture_sha256, src_ip`,
  incidents: (rows, {packets}) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: row.hosts === 1 ? row.a_host : null,
      dst_port: 1434,
      flows: row.flows,
      summary: `${row.src_ip} sent the packet of the Slammer worm to ${row.hosts === 1 ? row.a_host : counted(row.hosts, "host")}.`,
      reasons: [atLeast("packets of 376 bytes to port 1434", row.packets, packets), fact("hosts", row.hosts)]
    }))
});
