import {placeOfServices, togetherOutward, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  longest_us: number;
  mean_bytes: number;
  packets: number;
};

const limits = {
  duration: {
    value: 240,
    unit: "s",
    doc: "Least duration of a connection by an unknown protocol with a foreign host, at a port of pages or names"
  },
  packets: {value: 20, unit: "packets", doc: "Packets of such a connection in each direction at least"},
  pace: {
    value: 2,
    unit: "s",
    doc: "Mean time between its packets, of one direction, at least: nobody waits for what it brings"
  },
  mean: {value: 200, unit: "bytes", doc: "Mean payload of its packets in both directions at most"},
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Ports that every firewall lets out, by which something else than this is spoken. */
const ports = [25, 53, 80, 110, 443, 8080];

/**
 * Control by a protocol of its own at a port that firewalls let out (PlugX, ShadowPad, Derusbi, Winnti, ZxShell): neither
 * TLS nor HTTP nor DNS, one long quiet connection with a small message to and fro now and then.
 */
export const unseenChannel = defineRule<typeof limits, Row>({
  name: "unseen_channel",
  doc: "A host keeps a long, quiet connection by an unknown protocol with a foreign host, at a port of pages, names or mail.",
  blindTo:
    "Control at other ports, by known protocols, in short or busy connections; connections that began before the capture. Chats, virtual networks and telephones' push services with a protocol of their own at port 443 look the same.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: `proto = 6 AND service IS NULL AND dst_port IN (${ports.join(", ")}) AND history LIKE 'Sh%'`},
  judgesOpen: true,
  countedFlows: "f.proto = 6 AND f.service IS NULL",
  query: (scope, {duration, packets, pace, mean}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, max(duration_us) AS longest_us,
      CAST(sum(src_payload_bytes + dst_payload_bytes) AS DOUBLE) / sum(src_pkts + dst_pkts) AS mean_bytes, sum(src_pkts + dst_pkts) AS packets
    FROM ${scope.rows("flows")} f
    WHERE proto = 6 AND service IS NULL AND dst_port IN (${ports.join(", ")}) AND history LIKE 'Sh%' AND src_payload_bytes > 0 AND dst_payload_bytes > 0 AND duration_us >= ${duration.value * 1e6}
      AND src_pkts >= ${packets.value} AND dst_pkts >= ${packets.value} AND duration_us >= ${pace.value * 1e6} * src_pkts
      AND src_payload_bytes + dst_payload_bytes <= ${mean.value} * (src_pkts + dst_pkts)
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port`,
  incidents: (rows, {duration, gap}, {localNets}) => {
    return togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, dst_port, mean_bytes}] = group;
      const longest = Math.max(...group.map(({longest_us}) => longest_us));
      return {
        ...placeOfServices(group),
        summary: `${src_ip} kept a quiet connection with ${dst_ip} port ${dst_port} by an unknown protocol for ${span(longest)}.`,
        reasons: [
          atLeast("longest connection", longest / 1e6, duration),
          fact("mean payload of a packet", mean_bytes, "bytes"),
          fact(
            "packets",
            total(group, ({packets}) => packets)
          )
        ]
      };
    });
  }
});
