import {common, extent, overlaps, together, total} from "./merge.ts";
import {countedKinds, isProbe, judgedFlows, type KindCounts, kindsOf, probeKinds, protocolOf} from "./probes.ts";
import {registered} from "./registered-name.ts";
import {rowsOfGroups} from "./rows-of-groups.ts";
import {defineRule, type Incident, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = RuleRow &
  KindCounts & {
    capture_sha256: string;
    src_ip: string;
    proto: number;
    dst_port: number;
    ts_start: number;
    ts_end: number;
    flows: number;
    hosts: number;
    probe_share: number;
    port_share: number;
    size_spread: number;
    /** Hosts that one UDP socket of the source talked with, at ports of no service. */
    peers: number;
  };

const limits = {
  hosts: {value: 25, unit: "hosts", doc: "Different hosts probed on one port within a session"},
  service_hosts: {
    value: 15,
    unit: "hosts",
    doc: "The same on a TCP port that no browser uses: what opens many pages at once fails on many hosts"
  },
  probe_share: {
    value: 0.5,
    unit: "of the hosts",
    doc: "Least share of hosts that were merely probed among all that the source sent to on the port"
  },
  port_share: {
    value: 0.1,
    unit: "of its probes",
    doc: "Least share of this port among all probes of the source: peers of a peer-to-peer network have many ports"
  },
  size_spread: {
    value: 8,
    unit: "bytes",
    doc: "UDP: difference between the largest and smallest payload; probes are alike, conversations are not"
  },
  rounds: {
    value: 5,
    unit: "probes a host",
    doc: "Mean number of probes of a host from which on the source comes back again and again, as a monitor does"
  },
  watched_rounds: {
    value: 3,
    unit: "times",
    doc: "A host that is probed in so many minutes, at even pauses, is watched by a monitor that comes round every few minutes"
  },
  even: {value: 1.2, unit: "times the mean", doc: "Longest of those pauses at most"},
  watched: {value: 0.5, unit: "of the hosts", doc: "From such a share of watched hosts on the source is a monitor"},
  domains: {
    value: 0.5,
    unit: "of the hosts",
    doc: "UDP port 53: who asks for so many different domains is a resolver whose answers were not captured; a sweep asks all hosts about one"
  },
  peers: {
    value: 10,
    unit: "hosts",
    doc: "So many hosts that one UDP socket of the source talks with, above port 1023 on both sides, make it a peer of a network of peers: it asks many hosts that are gone, and the notice is information for ports above 1023"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is sent to the port for so long"}
} as const;

/** Ports that nmap asks beside its echo requests to find hosts that do not answer those. */
const discoveryPorts = new Set([80, 443]);

/** TCP port at which machines with Windows ask one another for parts of updates (Delivery Optimization); most have none. */
const updatePort = 7680;

/** TCP ports that browsers and their proxies use. */
const webPorts = "80, 443, 8080, 8443, 3128, 853";

/** What one source does on one port. */
const swept = ["capture_sha256", "src_ip", "proto", "dst_port"];

/**
 * Probes that count: browsers open connections in advance and close them unused, and programs look names up first. A machine
 * whose IPv6 leads nowhere tries every page by it, of names that it looked up by IPv4; nobody sweeps the Internet of IPv6.
 */
const isCounted = `is_probe = 1 AND is_named = 0 AND NOT (kind = 'connect' AND dst_port IN (${webPorts})) AND NOT (dst_port IN (${webPorts}) AND dst_ip LIKE '2%:%')`;

/**
 * Horizontal scan: one source asks many hosts about the same port and has nothing else to say to most of them. Hosts
 * whose names it had looked up do not count, nor do those of a monitor that comes round at even pauses, and of a resolver. Sweeps of several ports by one source at the same time are one incident.
 */
export const hostSweep = defineRule<typeof limits, Row>({
  name: "host_sweep",
  doc: "One source probes the same port of many hosts without talking to most of them.",
  blindTo:
    "Sweeps slower than one host a minute or from many sources; sweeps of hosts by their names; sweeps that talk to every host they find (`lateral_spread` tells of some); UDP services that answer; sweeps of the same hosts five times over, or three times at even pauses; a search for open resolvers that asks each about another domain. A sweep of the port by which Windows shares updates (7680) is information. A monitor looks the same in its first rounds; a scanner that is a peer of a network of peers as well is told as one.",
  attackTechnique: "T1046",
  severity: "medium",
  limits,
  tables: ["flows", "dns"],
  judgesOpen: true,
  countedFlows: isProbe,
  query: (
    scope,
    {hosts, service_hosts, probe_share, port_share, size_spread, rounds, watched_rounds, even, watched, domains, gap}
  ) => `
    WITH judged AS (SELECT * FROM ${judgedFlows(scope)} j),
    sources AS (SELECT capture_sha256, src_ip, proto, sum(is_probe) AS all_probes FROM judged GROUP BY capture_sha256, src_ip, proto),
    swept AS (
      SELECT capture_sha256, src_ip, proto, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(is_probe) AS flows,
        count(DISTINCT CASE WHEN ${isCounted} THEN dst_ip END) AS hosts,
        1 - CAST(count(DISTINCT CASE WHEN is_probe = 0 THEN dst_ip END) AS DOUBLE) / count(DISTINCT dst_ip) AS probe_share,
        max(CASE WHEN is_probe = 1 THEN CAST(src_payload_bytes AS DOUBLE) / src_pkts END) - min(CASE WHEN is_probe = 1 THEN CAST(src_payload_bytes AS DOUBLE) / src_pkts END) AS size_spread, ${countedKinds}
      FROM ${sessions(scope.dialect, rowsOfGroups("judged", swept, `sum(is_probe) >= ${Math.min(hosts.value, service_hosts.value)}`), swept, gap.value * 1000)} s
      GROUP BY capture_sha256, src_ip, proto, dst_port, session
      HAVING count(DISTINCT CASE WHEN ${isCounted} THEN dst_ip END) >= CASE WHEN proto = 6 AND dst_port NOT IN (${webPorts}) THEN ${service_hosts.value} ELSE ${hosts.value} END
        AND sum(is_probe) < ${rounds.value} * count(DISTINCT CASE WHEN is_probe = 1 THEN dst_ip END)),
    probed AS (
      SELECT j.capture_sha256, j.src_ip, j.proto, j.dst_port, j.dst_ip, min(${scope.dialect.epochMs("j.ts_start")}) AS at_ms
      FROM judged j JOIN (SELECT DISTINCT capture_sha256, src_ip, proto, dst_port FROM swept) c
        ON c.capture_sha256 = j.capture_sha256 AND c.src_ip = j.src_ip AND c.proto = j.proto AND c.dst_port = j.dst_port
      WHERE j.is_probe = 1
      GROUP BY j.capture_sha256, j.src_ip, j.proto, j.dst_port, j.dst_ip, ${scope.dialect.bucket("j.ts_start", 60e6)}),
    paused AS (
      SELECT capture_sha256, src_ip, proto, dst_port, dst_ip, count(*) AS times, max(pause_ms) AS longest_ms, avg(CAST(pause_ms AS DOUBLE)) AS mean_ms FROM (
        SELECT p.*, at_ms - lag(at_ms) OVER (PARTITION BY capture_sha256, src_ip, proto, dst_port, dst_ip ORDER BY at_ms) AS pause_ms FROM probed p) o
      GROUP BY capture_sha256, src_ip, proto, dst_port, dst_ip),
    monitors AS (
      SELECT capture_sha256, src_ip, proto, dst_port FROM paused GROUP BY capture_sha256, src_ip, proto, dst_port
      HAVING avg(CASE WHEN times >= ${watched_rounds.value} AND longest_ms <= ${even.value} * mean_ms THEN 1e0 ELSE 0e0 END) >= ${watched.value}),
    resolvers AS (
      SELECT capture_sha256, client_ip AS src_ip, count(DISTINCT ${registered}) AS domains
      FROM (SELECT capture_sha256, client_ip, lower(query) AS name FROM ${scope.rows("dns")} d WHERE query IS NOT NULL) q GROUP BY capture_sha256, client_ip),
    peers AS (
      SELECT capture_sha256, src_ip, max(hosts) AS peers FROM (
        SELECT capture_sha256, src_ip, src_port, count(DISTINCT dst_ip) AS hosts FROM ${scope.rows("flows")} u
        WHERE proto = 17 AND src_port >= 1024 AND dst_port >= 1024 AND src_payload_bytes > 0 AND dst_payload_bytes > 0
        GROUP BY capture_sha256, src_ip, src_port) t GROUP BY capture_sha256, src_ip)
    SELECT w.*, CAST(w.flows AS DOUBLE) / all_probes AS port_share, coalesce(p.peers, 0) AS peers
    FROM swept w JOIN sources o ON w.capture_sha256 = o.capture_sha256 AND w.src_ip = o.src_ip AND w.proto = o.proto
      LEFT JOIN peers p ON w.capture_sha256 = p.capture_sha256 AND w.src_ip = p.src_ip
      LEFT JOIN monitors m ON w.capture_sha256 = m.capture_sha256 AND w.src_ip = m.src_ip AND w.proto = m.proto AND w.dst_port = m.dst_port
      LEFT JOIN resolvers r ON w.capture_sha256 = r.capture_sha256 AND w.src_ip = r.src_ip AND w.proto = 17 AND w.dst_port = 53
    WHERE probe_share >= ${probe_share.value} AND CAST(w.flows AS DOUBLE) / all_probes >= ${port_share.value}
      AND (w.proto <> 17 OR size_spread <= ${size_spread.value}) AND m.src_ip IS NULL AND coalesce(r.domains, 0) < ${domains.value} * w.hosts`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.proto}`, gap.value * 1e6).map(incident),
  yieldsTo: (incident, other) =>
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6) &&
    (other.rule === "port_scan" ||
      (other.rule === "icmp_sweep" &&
        incident.reasons.some(({figure, value}) => figure === "ports" && isDiscovery(value))))
});

function isDiscovery(ports: number | string): boolean {
  return String(ports)
    .split(", ")
    .every((port) => discoveryPorts.has(Number(port)));
}

function incident(rows: readonly Row[]): Incident {
  const [{capture_sha256, src_ip, proto}] = rows;
  const widest = rows.reduce((a, b) => (b.hosts > a.hosts ? b : a));
  const ports = [...new Set(rows.map((row) => row.dst_port))].sort((a, b) => a - b);
  const time = extent(rows);
  const protocol = protocolOf(proto);
  const isOfPeer = rows.every((row) => row.dst_port >= 1024 && row.peers >= limits.peers.value);
  const isOfUpdates = rows.every((row) => row.proto === 6 && row.dst_port === updatePort);
  const named =
    ports.length <= 5
      ? `${protocol} port${ports.length > 1 ? "s" : ""} ${ports.join(", ")}`
      : counted(ports.length, `${protocol} port`);
  return {
    capture_sha256,
    ...time,
    src_ip,
    dst_ip: null,
    dst_port: common(rows.map((row) => row.dst_port)),
    flows: total(rows, (row) => row.flows),
    ...(isOfPeer || isOfUpdates ? {severity: "info"} : {}),
    summary: `${src_ip} asked ${counted(widest.hosts, "host")} about ${named} in ${span(time.ts_end - time.ts_start)}.`,
    reasons: [
      atLeast(
        "different hosts probed on one port",
        widest.hosts,
        widest.hosts < limits.hosts.value ? limits.service_hosts : limits.hosts
      ),
      atLeast("share of hosts merely probed", widest.probe_share, limits.probe_share),
      atLeast("share of this port", widest.port_share, limits.port_share),
      ...(proto === 17 ? [atMost("spread of payload sizes", widest.size_spread, limits.size_spread)] : []),
      ...(isOfPeer ? [atLeast("hosts that one UDP socket talked with", widest.peers, limits.peers)] : []),
      fact("ports", ports.join(", ")),
      fact(
        "kind of probe",
        kindsOf(rows)
          .map(({kind, probes}) => `${probeKinds[kind]} ${amount(probes)}`)
          .join(", ")
      )
    ]
  };
}
