import {inNetworks} from "./addresses.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = OneFlowRow & {
  is_quiet: number;
};

const limits = {
  connections: {
    value: 4,
    unit: "connections",
    doc: "Such connections of one host with one server from which on the severity is medium"
  },
  duration: {value: 300, unit: "s", doc: "The same, for the longest of them"},
  quiet: {
    value: 120,
    unit: "s",
    doc: "The same, of a host that looks names up, for one with a small message to and fro now and then"
  },
  packets: {value: 20, unit: "packets", doc: "Packets of such a quiet connection in each direction at least"},
  pace: {value: 2, unit: "s", doc: "Mean time between its packets, of one direction, at least"},
  mean: {value: 200, unit: "bytes", doc: "Mean payload of its packets at most"},
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Ports of TLS that programs use by default: pages, names, mail, directories, FTP, desktops, chats, telephones, MQTT, push. */
export const usualPorts = [
  80, 443, 465, 563, 587, 636, 853, 989, 990, 992, 993, 994, 995, 1194, 3269, 3389, 4433, 4434, 5061, 5222, 5223, 5228,
  5229, 5230, 5269, 5349, 5671, 6514, 6697, 8443, 8883
];

/**
 * TLS with a foreign address that was not looked up, asked for by no name, at a port of no usual service: how most tools
 * of remote control speak (Emotet, Dridex, Qakbot, Sliver, Cobalt Strike by address), whatever the version of TLS hides.
 */
export const namelessTls = defineRule<typeof limits, Row>({
  name: "nameless_tls",
  doc: "A host talks TLS with a foreign address, without any name, at an unusual port.",
  blindTo:
    "Control at port 443 and other usual ports, or by a name; what is said. Chats and games of telephones, peers of a peer-to-peer network, and a server of one's own that is reached by its address look the same; a few short connections are told with low severity.",
  attackTechnique: "T1071.001",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service = 'tls' AND server_name IS NULL"},
  judgesOpen: true,
  countedFlows: "f.service = 'tls'",
  query: (scope, {quiet, packets, pace, mean}) => `
    WITH asking AS (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} a WHERE dns_name IS NOT NULL)
    SELECT f.capture_sha256, CAST(f.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end,
      CASE WHEN a.src_ip IS NOT NULL AND f.duration_us >= ${quiet.value * 1e6} AND f.src_pkts >= ${packets.value} AND f.dst_pkts >= ${packets.value} AND f.duration_us >= ${pace.value * 1e6} * f.src_pkts
        AND f.src_payload_bytes + f.dst_payload_bytes <= ${mean.value} * (f.src_pkts + f.dst_pkts) THEN 1 ELSE 0 END AS is_quiet
    FROM ${scope.rows("flows")} f LEFT JOIN asking a ON a.capture_sha256 = f.capture_sha256 AND a.src_ip = f.src_ip
    WHERE f.service = 'tls' AND f.proto = 6 AND f.server_name IS NULL AND f.dns_name IS NULL AND f.dst_payload_bytes > 0 AND f.history LIKE 'Sh%'
      AND f.dst_port NOT IN (${usualPorts.join(", ")})`,
  incidents: (rows, {connections, duration, quiet, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter(({src_ip, dst_ip}) => isLocal(src_ip) && !isLocal(dst_ip)),
      (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip} ${row.dst_port}`,
      gap.value * 1e6
    ).map((group) => {
      const [{src_ip, dst_ip, dst_port}] = group;
      const longest = group.reduce((most, {ts_start, ts_end}) => Math.max(most, ts_end - ts_start), 0);
      const still = group.find(({is_quiet}) => is_quiet === 1);
      const isLong = longest >= duration.value * 1e6;
      return {
        ...placeOfFlows(group),
        severity: isLong || still !== undefined || group.length >= connections.value ? "medium" : "low",
        summary: `${src_ip} talked TLS with ${dst_ip} port ${dst_port} without a name, for up to ${span(longest)}.`,
        reasons: [
          atLeast(
            "connections",
            group.length,
            group.length >= connections.value ? connections : {...connections, value: 1}
          ),
          isLong
            ? atLeast("longest connection", longest / 1e6, duration)
            : still !== undefined
              ? atLeast("longest quiet connection", (still.ts_end - still.ts_start) / 1e6, quiet)
              : fact("longest connection", longest / 1e6, "s")
        ]
      };
    });
  },
  yieldsTo: (incident, other) =>
    ["own_certificate", "rare_tls", "tor"].includes(other.rule) && other.src_ip === incident.src_ip
});
