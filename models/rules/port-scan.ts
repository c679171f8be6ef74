import {common, extent, overlaps, together, total} from "./merge.ts";
import {countedKinds, isProbe, judgedFlows, type KindCounts, kindsOf, probeKinds, protocolOf} from "./probes.ts";
import {defineRule, type Incident, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow &
  KindCounts & {
    capture_sha256: string;
    src_ip: string;
    dst_ip: string;
    proto: number;
    ts_start: number;
    ts_end: number;
    flows: number;
    ports: number;
    odd_ports: number;
    closed_ports: number;
    answered: number;
  };

const limits = {
  tcp_ports: {value: 10, unit: "ports", doc: "Different TCP or SCTP ports of one host probed within a session"},
  closed_ports: {
    value: 5,
    unit: "ports",
    doc: "Different TCP ports of one host that refused or did not answer, where its name was not looked up: programs that seek a service by name try a few"
  },
  udp_ports: {value: 12, unit: "ports", doc: "Different UDP ports of one host probed within a session"},
  odd_ports: {
    value: 5,
    unit: "ports",
    doc: "Different TCP ports of one host probed with packets that begin no connection (FIN, Xmas, NULL, contradicting flags)"
  },
  gap: {value: 1800, unit: "s", doc: "A session ends when no probe follows for so long"}
} as const;

const oddPorts = "count(DISTINCT CASE WHEN kind IN ('fin', 'null', 'odd') THEN dst_port END)";

/** Ports that were asked for by a SYN and did not open, of a host whose name was not asked for. */
const closedPorts = "count(DISTINCT CASE WHEN kind = 'syn' AND is_named = 0 THEN dst_port END)";

/**
 * Vertical port scan: one source asks many ports of a host whether anyone is there. A probe is a TCP flow without
 * payload (SYN, connect, FIN, NULL, Xmas, ACK), an SCTP association not completed, or an unanswered small UDP flow. Several
 * hosts scanned by one source at the same time are one incident. Bro's scan policy and Snort's sfPortscan count likewise.
 */
export const portScan = defineRule<typeof limits, Row>({
  name: "port_scan",
  doc: "One source probes many ports of a host without talking to them.",
  blindTo:
    "Scans with more than half an hour between probes (ten minutes in a live capture), from many sources, or with payload in every probe; UDP ports that answer; FIN from Xmas (flags are not in the history); connect and ACK probes of ports from 32768 on, UDP probes of these from source ports below, or FIN, ACK and UDP probes from source ports below 1024, which look like answers; SCTP probes from source ports below 32768, which could be one direction of an association; UDP probes of ports 32768 to 33800, as traceroute sends them.",
  attackTechnique: "T1046",
  severity: "medium",
  limits,
  tables: ["flows"],
  judgesOpen: true,
  countedFlows: isProbe,
  query: (scope, {tcp_ports, closed_ports, udp_ports, odd_ports, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, proto, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      count(DISTINCT dst_port) AS ports, ${oddPorts} AS odd_ports, ${closedPorts} AS closed_ports,
      sum(CASE WHEN dst_pkts > 0 THEN 1 ELSE 0 END) AS answered, ${countedKinds}
    FROM ${sessions(scope.dialect, `(SELECT * FROM ${judgedFlows(scope)} j WHERE is_probe = 1)`, ["capture_sha256", "src_ip", "dst_ip", "proto"], gap.value * 1000)} s
    GROUP BY capture_sha256, src_ip, dst_ip, proto, session
    HAVING count(DISTINCT dst_port) >= CASE WHEN proto = 17 THEN ${udp_ports.value} ELSE ${tcp_ports.value} END OR ${oddPorts} >= ${odd_ports.value}
      OR (proto = 6 AND ${closedPorts} >= ${closed_ports.value})`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.proto}`, gap.value * 1e6).map(incident),
  yieldsTo: (incident, other) =>
    other.rule === "udp_flood" && other.dst_ip === incident.dst_ip && overlaps(incident, other)
});

function incident(rows: readonly Row[]): Incident {
  const [{capture_sha256, src_ip, proto}] = rows;
  const hosts = new Set(rows.map((row) => row.dst_ip));
  const most = Math.max(...rows.map((row) => row.ports));
  const flows = total(rows, (row) => row.flows);
  const time = extent(rows);
  const kinds = kindsOf(rows);
  const least = proto === 17 ? limits.udp_ports : limits.tcp_ports;
  const odd = Math.max(...rows.map((row) => row.odd_ports));
  const closed = proto === 6 ? Math.max(...rows.map((row) => row.closed_ports)) : 0;
  const target = hosts.size === 1 ? rows[0].dst_ip : counted(hosts.size, "host");
  return {
    capture_sha256,
    ...time,
    src_ip,
    dst_ip: common(rows.map((row) => row.dst_ip)),
    dst_port: null,
    flows,
    summary: `${src_ip} probed ${counted(most, `${protocolOf(proto)} port`)} of ${target} in ${span(time.ts_end - time.ts_start)}, ${probeKinds[kinds[0].kind]}.`,
    reasons: [
      ...(most >= least.value ? [atLeast("different ports probed", most, least)] : []),
      ...(closed >= limits.closed_ports.value && most < least.value
        ? [atLeast("different ports that did not open", closed, limits.closed_ports)]
        : []),
      ...(odd >= limits.odd_ports.value ? [atLeast("different ports probed without SYN", odd, limits.odd_ports)] : []),
      fact("hosts", hosts.size),
      fact("kind of probe", kinds.map(({kind, probes}) => `${probeKinds[kind]} ${amount(probes)}`).join(", ")),
      fact(
        "probes answered",
        total(rows, (row) => row.answered),
        `of ${amount(flows)}`
      )
    ]
  };
}
