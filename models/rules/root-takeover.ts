import {placeOfMessages} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  vlan: number;
  root: string;
  other: string;
  sender: string;
  priority: number;
  ts_start: number;
  ts_end: number;
  messages: number;
};

const limits = {
  messages: {
    value: 2,
    unit: "messages",
    doc: "Configuration messages by which a station says that it is the root bridge"
  }
} as const;

/**
 * Takeover of a spanning tree (Yersinia, Loki): a station makes itself the root by the true root's own address less one in
 * one place, so that it is preferred by the least possible. A switch has as many addresses as ports, so that those of two
 * switches of one batch lie further apart; one that an administrator makes the root has a lower priority.
 */
export const rootTakeover = defineRule<typeof limits, Row>({
  name: "root_takeover",
  doc: "A station makes itself root of a spanning tree by an address that is the root's less one.",
  blindTo:
    "A new root with a lower priority or an address of its own: administrators set such roots, too, and an old switch that is plugged in may become one; floods of such messages (`neighbour_flood`).",
  attackTechnique: "T1557",
  severity: "high",
  limits,
  tables: ["neighbours"],
  startsFrom: {neighbours: "protocol = 'stp' AND device = leader"},
  judgesOpen: true,
  countedFlows: "FALSE",
  query: (scope, {messages}) => `
    WITH roots AS (
      SELECT capture_sha256, coalesce(vlan, -1) AS at_vlan, coalesce(group_id, 0) AS tree, leader, leader_priority, src_mac, min(ts) AS since, max(ts) AS until, sum(messages) AS messages
      FROM ${scope.rows("neighbours")} n WHERE protocol = 'stp' AND device = leader AND src_mac IS NOT NULL
      GROUP BY capture_sha256, coalesce(vlan, -1), coalesce(group_id, 0), leader, leader_priority, src_mac)
    SELECT b.capture_sha256, b.tree AS vlan, b.leader AS root, a.leader AS other, b.src_mac AS sender, b.leader_priority AS priority, b.since AS ts_start, b.until AS ts_end, b.messages
    FROM roots a JOIN roots b ON a.capture_sha256 = b.capture_sha256 AND a.at_vlan = b.at_vlan AND a.tree = b.tree AND a.leader_priority = b.leader_priority
    WHERE a.since < b.since AND b.leader < a.leader AND a.src_mac <> b.src_mac AND b.messages >= ${messages.value} AND substr(a.leader, 1, 8) = substr(b.leader, 1, 8)
    ORDER BY b.since, a.since, b.leader`,
  incidents: (rows, {messages}) => {
    const told = new Set<string>();
    return rows
      .filter((row) => isOneLess(row.root, row.other) && !told.has(keyOf(row)) && told.add(keyOf(row)))
      .map((row) => ({
        ...placeOfMessages(row, null),
        summary: `${row.sender} made itself root of a spanning tree${row.vlan > 0 ? ` (VLAN ${row.vlan})` : ""} as ${row.root}, one less than the root ${row.other}.`,
        reasons: [
          atLeast("messages as the root", row.messages, messages),
          fact("root until then", row.other),
          fact("priority of both", row.priority)
        ]
      }));
  }
});

const keyOf = (row: Row) => `${row.capture_sha256} ${row.vlan} ${row.root}`;

/** True where two MAC addresses of one maker differ in one byte, in which the first is one less. */
function isOneLess(a: string, b: string): boolean {
  const bytes = (mac: string) => mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const [ours, theirs] = [bytes(a), bytes(b)];
  const differing = ours.map((byte, k) => theirs[k] - byte).filter((difference) => difference !== 0);
  return differing.length === 1 && differing[0] === 1;
}
