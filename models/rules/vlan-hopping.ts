import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  vlan: number;
  vlan_inner: number;
  plain: number;
};

const limits = {
  flows: {value: 1, unit: "flows", doc: "Flows with two VLAN tags that nobody answers, in a capture of untagged ones"},
  packets: {value: 3, unit: "packets", doc: "Packets of such a flow at least"},
  plain: {value: 0.8, unit: "of the flows", doc: "Least share of flows of the capture without a second tag"},
  gap: {value: 600, unit: "s", doc: "Flows so close together are one incident"}
} as const;

/**
 * VLAN hopping by double tags (Yersinia, Scapy): the first switch takes off its own VLAN's tag, the next one forwards by the
 * second. Nothing can come back, so these packets go one way, where other traffic has no second tag.
 */
export const vlanHopping = defineRule<typeof limits, Row>({
  name: "vlan_hopping",
  doc: "A host sends packets with two VLAN tags into a network where others have none, and nothing comes back.",
  blindTo:
    "Captures behind the first switch, which has taken the tag off; captures of double tags alone. A tap in a provider's network that sees one direction of a customer's line looks the same.",
  attackTechnique: "T1599",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "vlan_inner IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.vlan_inner IS NOT NULL",
  query: (scope, {packets, plain}) => `
    WITH counted AS (
      SELECT capture_sha256, avg(CASE WHEN vlan_inner IS NULL THEN 1e0 ELSE 0e0 END) AS plain, sum(CASE WHEN vlan_inner IS NOT NULL AND dst_pkts > 0 THEN 1 ELSE 0 END) AS answered
      FROM ${scope.rows("flows")} c GROUP BY capture_sha256)
    SELECT f.capture_sha256, CAST(f.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end, f.vlan, f.vlan_inner, c.plain
    FROM ${scope.rows("flows")} f JOIN counted c ON c.capture_sha256 = f.capture_sha256
    WHERE f.vlan_inner IS NOT NULL AND f.vlan_inner <> f.vlan AND f.src_pkts >= ${packets.value} AND c.answered = 0 AND c.plain >= ${plain.value}`,
  incidents: (rows, {flows, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, vlan, vlan_inner, plain}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} sent packets with the tags of VLAN ${vlan} and ${vlan_inner} into a network without them.`,
        reasons: [
          atLeast("flows with two tags", group.length, flows),
          fact("share of flows without a second tag", plain)
        ]
      };
    })
});
