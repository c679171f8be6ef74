import {isGroupAddress} from "./addresses.ts";
import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  datagrams: number;
  bytes: number;
};

const limits = {
  datagrams: {
    value: 1,
    unit: "datagrams",
    doc: "Datagrams whose fragments contradict one another; who sends by the standard makes none (RFC 791, RFC 5722)"
  }
} as const;

/**
 * Fragments that overlap: Teardrop and its kin crashed old systems by them, and programs of evasion (fragroute) show a
 * detector other bytes than the host keeps.
 */
export const fragmentOverlap = defineRule<typeof limits, Row>({
  name: "fragment_overlap",
  doc: "A host sends datagrams whose fragments overlap.",
  blindTo:
    "Fragments of the same place with other bytes; datagrams of more than 46 fragments; which of the bytes the receiver kept. A network that is captured before and behind a router of a smaller MTU looks the same.",
  attackTechnique: "T1499.004",
  severity: "medium",
  limits,
  tables: ["flows", "network_layer"],
  startsFrom: {network_layer: "kind = 'overlapping_fragments'"},
  judgesOpen: true,
  query: (scope, {datagrams}) => `
    SELECT n.capture_sha256, f.src_ip, f.dst_ip, min(f.dst_port) AS dst_port, min(n.ts) AS ts_start, max(n.ts) AS ts_end, count(DISTINCT n.flow_id) AS flows,
      count(*) AS datagrams, max(n.overlap_bytes) AS bytes
    FROM ${scope.rows("network_layer")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
    WHERE n.kind = 'overlapping_fragments' AND NOT ${isGroupAddress("f.src_ip")}
    GROUP BY n.capture_sha256, f.src_ip, f.dst_ip HAVING count(*) >= ${datagrams.value}`,
  incidents: (rows, {datagrams}) =>
    rows.map((row) => ({
      ...placeOf(row),
      dst_port: null,
      summary: `${row.src_ip} sent ${row.dst_ip} fragments that overlap.`,
      reasons: [
        atLeast("datagrams with overlapping fragments", row.datagrams, datagrams),
        fact("bytes in common at most", row.bytes, "bytes")
      ]
    }))
});
