import {isGroupAddress} from "./addresses.ts";
import type {Scope} from "./rule.ts";

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
  udp: "UDP"
} as const;

export type ProbeKind = keyof typeof probeKinds;

/** A condition: the flow is one probe, no conversation: nothing was said, only whether someone is there. */
const isProbe = `src_pkts <= ${probePackets} AND (
  (proto = 6 AND src_payload_bytes = 0 AND dst_payload_bytes = 0 AND (
    (history LIKE 'S%' AND history NOT LIKE 'ShA%')
    OR (dst_port < ${ephemeralFrom} AND src_port >= 1024 AND (history = '' OR history LIKE 'ShA%' OR history LIKE 'F%' OR history LIKE 'A%' OR history LIKE 'Q%' OR history LIKE 'I%'))))
  OR (proto = 17 AND dst_pkts = 0 AND dst_port < ${ephemeralFrom} AND src_port >= 1024))`;

const kind = `CASE WHEN proto = 17 THEN 'udp' WHEN history = '' THEN 'null' WHEN history LIKE 'ShA%' THEN 'connect'
  WHEN history LIKE 'S%' THEN 'syn' WHEN history LIKE 'F%' THEN 'fin' WHEN history LIKE 'A%' THEN 'ack' ELSE 'odd' END`;

/**
 * A subquery: TCP and UDP flows with the columns `is_probe` (1 or 0) and `kind` (a ProbeKind, of meaning where it is a
 * probe). Packets to ports from `ephemeralFrom` on count only where they begin a connection.
 */
export function judgedFlows(scope: Scope): string {
  return `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, proto, src_pkts, dst_pkts, src_payload_bytes, dst_payload_bytes,
      CASE WHEN ${isProbe} THEN 1 ELSE 0 END AS is_probe, ${kind} AS kind
    FROM ${scope.rows("flows")} f WHERE proto IN (6, 17) AND NOT ${isGroupAddress("dst_ip")})`;
}

/** Columns that count the probes of each kind: `syn`, `connect`, `fin` … */
export const countedKinds = (Object.keys(probeKinds) as ProbeKind[])
  .map((name) => `count(*) FILTER (WHERE kind = '${name}' AND is_probe = 1) AS probes_${name}`)
  .join(", ");

export type KindCounts = {readonly [K in `probes_${ProbeKind}`]: number};

/** The kinds that occurred, most frequent first, each with its number. */
export function kindsOf(rows: readonly KindCounts[]): {kind: ProbeKind; probes: number}[] {
  return (Object.keys(probeKinds) as ProbeKind[])
    .map((name) => ({kind: name, probes: rows.reduce((sum, row) => sum + row[`probes_${name}`], 0)}))
    .filter(({probes}) => probes > 0)
    .sort((a, b) => b.probes - a.probes);
}
