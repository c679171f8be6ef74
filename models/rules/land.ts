import {extent, together, total} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {packets: number};

const limits = {
  packets: {
    value: 1,
    unit: "packets",
    doc: "TCP packets from an address and port to the same address and port, which no connection between machines has"
  },
  gap: {value: 60, unit: "s", doc: "Packets so close together are one incident"}
} as const;

/** The LAND attack (CVE-1999-0016, CVE-2005-0688): a host gets a SYN that claims to come from itself, and answers itself for ever. */
export const land = defineRule<typeof limits, Row>({
  name: "land",
  doc: "A host gets TCP packets that claim to come from the very address and port they go to (LAND).",
  blindTo:
    "Who sent them; the same by UDP. A program that connects to its own port by the machine's own address looks the same in a capture of the loopback interface.",
  attackTechnique: "T1499",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6 AND src_ip = dst_ip AND src_port = dst_port"},
  judgesOpen: true,
  countedFlows: "f.proto = 6 AND f.src_ip = f.dst_ip AND f.src_port = f.dst_port",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, src_pkts + dst_pkts AS packets
    FROM ${scope.rows("flows")} f
    WHERE proto = 6 AND src_ip = dst_ip AND src_port = dst_port AND src_ip NOT LIKE '127.%' AND src_ip NOT IN ('::1', '0.0.0.0', '::') AND src_payload_bytes = 0`,
  incidents: (rows, {packets, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, dst_ip, dst_port}] = group;
      const count = total(group, (row) => row.packets);
      return {
        capture_sha256,
        ...extent(group),
        src_ip: null,
        dst_ip,
        dst_port: group.length === 1 ? dst_port : null,
        flows: group.length,
        summary: `${dst_ip} got TCP packets that claim to come from its own address and port.`,
        reasons: [
          atLeast("such packets", count, packets),
          fact("ports", new Set(group.map((row) => row.dst_port)).size)
        ]
      };
    })
});
