import {common, extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  dst_port: number;
  ts_start: number;
  ts_end: number;
  received: number;
};

const limits = {
  connections: {value: 1, unit: "connections", doc: "IRC connections that were answered, on a port not of IRC"},
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Ports by which IRC networks are reached (RFC 7194, the lists of the large networks). */
const isUsualPort = "(f.dst_port IN (194, 529, 994, 6679, 6697, 7000, 7070, 9999) OR f.dst_port BETWEEN 6660 AND 6670)";

/**
 * IRC on a port that no public network uses. Bots are commanded so (SDBot, plague, Kaiten, perl bots), for their masters run
 * a server of their own.
 */
export const ircChannel = defineRule<typeof limits, Row>({
  name: "irc_channel",
  doc: "A host talks IRC with a port that is not one of IRC: bots are commanded so.",
  blindTo:
    "IRC within TLS; bots on the usual ports; what is said. A chat server that somebody runs on a port of his choice looks the same.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service = 'irc'"},
  judgesOpen: true,
  countedFlows: "f.service = 'irc'",
  query: (scope) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, ts_start, ts_end, dst_payload_bytes AS received
    FROM ${scope.rows("flows")} f WHERE service = 'irc' AND dst_payload_bytes > 0 AND NOT ${isUsualPort}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const port = common(group.map((row) => row.dst_port));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: port,
        flows: group.length,
        summary: `${src_ip} talked IRC with ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "host")}${port === null ? "" : ` port ${port}`} for ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("IRC connections on other ports than IRC's", group.length, limits.connections),
          fact(
            "received",
            total(group, (row) => row.received),
            "bytes"
          )
        ]
      };
    })
});
