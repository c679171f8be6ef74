import {placeOfServices, togetherOutward, total} from "./merge.ts";
import {usualPorts} from "./nameless-tls.ts";
import {peerServices} from "./peer-services.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  kind: "open" | "shell" | "odd" | "greeted";
  longest_us: number;
  mean_bytes: number;
  packets: number;
};

const limits = {
  duration: {
    value: 240,
    unit: "s",
    doc: "Least duration of a connection by an unknown protocol with a foreign host, at a port of pages or names, or at another one without its name having been looked up"
  },
  shell: {
    value: 60,
    unit: "s",
    doc: "The same for SSH at a port of pages or names, with a host whose name was not looked up"
  },
  greeted: {
    value: 20,
    unit: "s",
    doc: "The same at port 443 where the server speaks first, in bytes of no protocol; what people use there waits for the client"
  },
  packets: {
    value: 15,
    unit: "packets",
    doc: "Packets of such a connection in each direction at least; five where the server speaks first"
  },
  pace: {
    value: 2,
    unit: "s",
    doc: "Mean time between its packets, of one direction, at least: nobody waits for what it brings"
  },
  mean: {value: 200, unit: "bytes", doc: "Mean payload of its packets in both directions at most"},
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Ports of pages and names, where nobody expects SSH. */
const shellPorts = [53, 80, 443];

/** Ports that every firewall lets out, by which something else than this is spoken. */
const ports = [25, 53, 80, 110, 443, 8080];

/**
 * Control by a protocol of its own at a port that firewalls let out (PlugX, ShadowPad, Derusbi, Winnti, ZxShell): neither
 * TLS nor HTTP nor DNS, one long quiet connection with a small message to and fro now and then. At other ports that counts
 * where the host looks names up, and not this one's: programs for people have servers with names.
 */
export const unseenChannel = defineRule<typeof limits, Row>({
  name: "unseen_channel",
  doc: "A host keeps a long, quiet connection by an unknown protocol with a foreign host, at a port of pages, names or mail, or without its name; or one at port 443 that the server begins; or SSH at a port of pages.",
  blindTo:
    "Control by known protocols, in short or busy connections; by a name, or where look-ups are not captured, at other ports; connections that began before the capture. Chats, virtual networks and telephones' push services with a protocol of their own at port 443 or at a fixed address look the same, and so does one's own server for SSH at port 443.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {
    flows: "proto = 6 AND (service IS NULL OR service = 'ssh') AND history LIKE 'Sh%' AND duration_us >= 20000000"
  },
  judgesOpen: true,
  countedFlows: "f.proto = 6 AND (f.service IS NULL OR f.service = 'ssh')",
  query: (scope, {duration, shell, greeted, packets, pace, mean}) => `
    WITH asking AS (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} a WHERE dns_name IS NOT NULL),
    peers AS (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} p WHERE service IN (${peerServices.map((name) => `'${name}'`).join(", ")})),
    judged AS (SELECT f.*, CASE WHEN f.service = 'ssh' THEN 'shell' WHEN f.dst_port = 443 AND f.duration_us < ${duration.value * 1e6} AND coalesce(regexp_extract(f.history, '^ShA?[^D]*d'), '') <> '' THEN 'greeted' WHEN f.dst_port IN (${ports.join(", ")}) THEN 'open' ELSE 'odd' END AS kind,
        CASE WHEN f.dns_name IS NULL AND a.src_ip IS NOT NULL AND p.src_ip IS NULL THEN 1 ELSE 0 END AS is_nameless
      FROM ${scope.rows("flows")} f LEFT JOIN asking a ON a.capture_sha256 = f.capture_sha256 AND a.src_ip = f.src_ip
        LEFT JOIN peers p ON p.capture_sha256 = f.capture_sha256 AND p.src_ip = f.src_ip
      WHERE f.proto = 6 AND f.history LIKE 'Sh%' AND f.src_payload_bytes > 0 AND f.dst_payload_bytes > 0 AND f.duration_us >= ${greeted.value * 1e6} AND (f.service IS NULL OR f.duration_us >= ${shell.value * 1e6})
        AND (f.service IS NULL OR (f.service = 'ssh' AND f.dst_port IN (${shellPorts.join(", ")}))))
    SELECT capture_sha256, src_ip, dst_ip, dst_port, kind, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, max(duration_us) AS longest_us,
      CAST(sum(src_payload_bytes + dst_payload_bytes) AS DOUBLE) / sum(src_pkts + dst_pkts) AS mean_bytes, sum(src_pkts + dst_pkts) AS packets
    FROM judged f
    WHERE (kind = 'shell' AND is_nameless = 1) OR (kind = 'greeted' AND src_pkts >= 5 AND dst_pkts >= 5) OR (kind NOT IN ('shell', 'greeted') AND (kind = 'open' OR (is_nameless = 1 AND dst_port NOT IN (${usualPorts.join(", ")})))
      AND duration_us >= ${duration.value * 1e6} AND src_pkts >= ${packets.value} AND dst_pkts >= ${packets.value} AND duration_us >= ${pace.value * 1e6} * src_pkts
      AND src_payload_bytes + dst_payload_bytes <= ${mean.value} * (src_pkts + dst_pkts))
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, kind`,
  incidents: (rows, {duration, shell, greeted, gap}, {localNets}) => {
    return togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, dst_port, mean_bytes, kind}] = group;
      const longest = Math.max(...group.map(({longest_us}) => longest_us));
      return {
        ...placeOfServices(group),
        summary: `${src_ip} kept ${{open: "a quiet connection", odd: "a quiet connection", shell: "SSH", greeted: "a connection in which the server spoke first"}[kind]} with ${dst_ip} port ${dst_port}${kind === "shell" ? "" : " by an unknown protocol"} for ${span(longest)}.`,
        reasons: [
          atLeast("longest connection", longest / 1e6, {open: duration, odd: duration, shell, greeted}[kind]),
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
