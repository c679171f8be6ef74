import {placeOfMessages} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  domain: string | null;
  src_mac: string;
  other: string;
  revision: number;
  other_revision: number;
  ts_start: number;
  ts_end: number;
  messages: number;
  subsets: number;
};

const limits = {
  ahead: {
    value: 1,
    unit: "revisions",
    doc: "By so much the unknown switch's revision is higher than the one known until then: switches take the higher one, with its list of VLANs"
  }
} as const;

/**
 * VLANs overwritten by VTP (Yersinia: delete all, add one): a station that nobody knew announces a higher revision of the
 * domain, and every switch takes its list of VLANs instead of its own. An old switch that is plugged in does the same by
 * accident.
 */
export const vlanTakeover = defineRule<typeof limits, Row>({
  name: "vlan_takeover",
  doc: "A station that was no switch before announces a higher revision of a VTP domain: switches take its list of VLANs.",
  blindTo:
    "A station that takes a known switch's address; what was announced before the capture began; domains of VTP 3, which name a primary server. An old switch that is plugged in does the same damage by accident.",
  attackTechnique: "T1599",
  severity: "high",
  limits,
  tables: ["neighbours"],
  startsFrom: {neighbours: "protocol = 'vtp' AND sequence > 0"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {ahead}) => `
    WITH stations AS (SELECT capture_sha256, src_mac, min(ts) AS since FROM ${scope.rows("neighbours")} n WHERE src_mac IS NOT NULL GROUP BY capture_sha256, src_mac),
    revisions AS (
      SELECT n.capture_sha256, n.device, n.src_mac, min(n.ts) AS since, max(n.ts) AS until, max(n.sequence) AS revision, sum(n.messages) AS messages,
        sum(CASE WHEN n.message = 'subset' THEN n.messages ELSE 0 END) AS subsets
      FROM ${scope.rows("neighbours")} n WHERE n.protocol = 'vtp' AND n.sequence IS NOT NULL AND n.src_mac IS NOT NULL
      GROUP BY n.capture_sha256, n.device, n.src_mac)
    SELECT * FROM (
      SELECT b.capture_sha256, b.device AS domain, b.src_mac, a.src_mac AS other, b.revision, a.sequence AS other_revision, b.since AS ts_start, b.until AS ts_end, b.messages, b.subsets,
        row_number() OVER (PARTITION BY b.capture_sha256, b.device, b.src_mac ORDER BY a.sequence DESC, a.ts, a.src_mac) AS place
      FROM revisions b JOIN stations s ON s.capture_sha256 = b.capture_sha256 AND s.src_mac = b.src_mac AND s.since = b.since
      JOIN ${scope.rows("neighbours")} a ON a.capture_sha256 = b.capture_sha256 AND a.protocol = 'vtp' AND a.src_mac <> b.src_mac AND a.ts < b.since
        AND coalesce(a.device, '') = coalesce(b.device, '')
      WHERE a.sequence IS NOT NULL) p
    WHERE place = 1 AND revision >= other_revision + ${ahead.value}`,
  incidents: (rows, {ahead}) =>
    rows.map((row) => ({
      ...placeOfMessages(row, null),
      severity: row.subsets > 0 ? "high" : "medium",
      summary: `${row.src_mac} announced revision ${row.revision} of the VTP domain ${row.domain ?? "without a name"}, which ${row.other} had at ${row.other_revision}.`,
      reasons: [
        atLeast("revisions ahead", row.revision - row.other_revision, ahead),
        fact("switch known until then", row.other),
        fact("lists of VLANs sent", row.subsets)
      ]
    }))
});
