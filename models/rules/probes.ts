import {isGroupAddress} from "./addresses.ts";
import type {Scope} from "./rule.ts";

/** traceroute by UDP counts ports up from 33434, one for each packet. */
const lastOfTraceroute = 33_800;

/** From this port on, ports are handed out to clients (Linux `ip_local_port_range`): packets to them are often answers. */
export const ephemeralFrom = 32768;
/** A probe with its repetitions is at most so many packets of the originator. */
export const probePackets = 10;

/**
 * How a probe was sent, by Zeek's history. A SYN that was refused or not answered is called SYN, though a connect()
 * would look the same. FIN and Xmas probes (FIN, PSH, URG) differ only in flags that the history does not keep.
 */
export const probeKinds = {
  syn: "SYN",
  connect: "connect (handshake completed, no data)",
  fin: "FIN or Xmas",
  null: "NULL (no flags)",
  ack: "ACK",
  odd: "contradicting flags",
  udp: "UDP",
  sctp: "SCTP (association not completed)"
} as const;

/** Name of a protocol of probes. */
export function protocolOf(proto: number): string {
  return proto === 6 ? "TCP" : proto === 17 ? "UDP" : "SCTP";
}

/** A chunk that asks for an association (INIT, COOKIE ECHO) and lists of what a stack supports are shorter; most that is said in an association is not. */
const sctpProbeBytes = 200;

export type ProbeKind = keyof typeof probeKinds;

/** Services that send to many ports and hosts until one answers: calls, browsers (happy eyeballs), peers. */
const mediaServices = "'rtp', 'rtcp', 'stun', 'dtls', 'quic', 'bittorrent'";

/**
 * The kind of a flow that is one probe and no conversation, else NULL: nothing was said, only asked whether someone is
 * there. In SCTP, whose payload is its chunks, an association has two packets each way before anything is said. No packet of a connection is without flags or with contradicting ones; what else begins no connection counts only
 * where nobody acknowledged it and the ports do not say that it is an answer: from a service to an ephemeral port.
 */
const kind = `CASE
    WHEN src_pkts > ${probePackets} OR src_pkts = 0 THEN NULL
    WHEN service IN (${mediaServices}) THEN NULL
    WHEN proto = 17 AND dst_pkts = 0 AND (src_port >= 1024 OR (src_port = dst_port AND src_port IN (137, 500))) AND (dst_port < ${ephemeralFrom} OR (src_port >= ${ephemeralFrom} AND dst_port > ${lastOfTraceroute})) THEN 'udp'
    WHEN proto = 132 AND dst_pkts <= 1 AND src_port >= ${ephemeralFrom} AND src_payload_bytes <= ${sctpProbeBytes} * src_pkts THEN 'sctp'
    WHEN proto IN (17, 132) OR src_payload_bytes > 0 OR dst_payload_bytes > 0 THEN NULL
    WHEN history LIKE 'S%' AND history NOT LIKE 'ShA%' THEN 'syn'
    WHEN history IN ('', 'r') THEN 'null'
    WHEN history LIKE 'Q%' OR history LIKE 'I%' THEN 'odd'
    WHEN src_port < 1024 THEN NULL
    WHEN history IN ('F', 'Fr') AND (dst_port < ${ephemeralFrom} OR src_port >= ${ephemeralFrom}) THEN 'fin'
    WHEN dst_port >= ${ephemeralFrom} THEN NULL
    WHEN history LIKE 'ShA%' THEN 'connect'
    WHEN history IN ('A', 'Ar') THEN 'ack' END`;

/** A condition: the flow is a probe. */
export const isProbe = `(proto IN (6, 17, 132) AND (${kind}) IS NOT NULL)`;

/**
 * A subquery: TCP, UDP and SCTP flows with the columns `is_probe` (1 or 0), `kind` (a ProbeKind; NULL for what is no probe) and
 * `is_named` (1 where the source had looked up the target's name). Flows to group addresses are left out.
 */
export function judgedFlows(scope: Scope): string {
  return `(SELECT j.*, CASE WHEN kind IS NULL THEN 0 ELSE 1 END AS is_probe
    FROM (SELECT CASE WHEN dns_name IS NULL THEN 0 ELSE 1 END AS is_named, capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, proto, src_pkts, dst_pkts, src_payload_bytes, ${kind} AS kind
      FROM ${scope.rows("flows")} f WHERE proto IN (6, 17, 132) AND NOT ${isGroupAddress("dst_ip")}) j)`;
}

/** Columns that count the probes of each kind: `syn`, `connect`, `fin` … */
export const countedKinds = (Object.keys(probeKinds) as ProbeKind[])
  .map((name) => `count(*) FILTER (WHERE kind = '${name}') AS probes_${name}`)
  .join(", ");

export type KindCounts = {readonly [K in `probes_${ProbeKind}`]: number};

/** The kinds that occurred, most frequent first, each with its number. */
export function kindsOf(rows: readonly KindCounts[]): {kind: ProbeKind; probes: number}[] {
  return (Object.keys(probeKinds) as ProbeKind[])
    .map((name) => ({kind: name, probes: rows.reduce((sum, row) => sum + row[`probes_${name}`], 0)}))
    .filter(({probes}) => probes > 0)
    .sort((a, b) => b.probes - a.probes);
}
