import type {FlowRow} from "../../../schema/flows.ts";

/** What a made flow says of itself; the rest follows, or is nothing out of the ordinary. */
export interface MadeFlow {
  /** Start, in seconds after the capture's. */
  at: number;
  /** Duration in seconds. */
  lasts?: number;
  from?: string;
  fromPort?: number;
  to?: string;
  toPort?: number;
  proto?: number;
  service?: string | null;
  sent?: number;
  received?: number;
  packets?: number;
  answers?: number;
  state?: string;
  history?: string;
  capture?: string;
}

/** 2025-11-21 12:00 UTC, when the made captures begin. */
export const epochUs = 1_763_726_400_000_000;
export const capture = "c".repeat(64);

let nextId = 1n;

/** One row of `flows`: a finished TCP connection of client 10.0.0.5 with 192.0.2.10 port 443 where nothing else is said. */
export function flow(made: MadeFlow): FlowRow {
  const {proto = 6, from = "10.0.0.5", to = "192.0.2.10", sent = 800, received = 4000, lasts = 0.2} = made;
  const {packets = 6 + Math.ceil(sent / 1400), answers = 5 + Math.ceil(received / 1400)} = made;
  const id = nextId++;
  const start = epochUs + Math.round(made.at * 1e6);
  const durationUs = BigInt(Math.round(lasts * 1e6));
  const [out, back] = [BigInt(packets), BigInt(answers)];
  return {
    flow_id: id,
    capture_sha256: made.capture ?? capture,
    ts_start: start,
    ts_end: start + Number(durationUs),
    duration_us: durationUs,
    src_ip: from,
    src_port: made.fromPort ?? 32768 + (Number(id) % 28000),
    dst_ip: to,
    dst_port: made.toPort ?? 443,
    outer_src_ip: from,
    outer_dst_ip: to,
    proto,
    service: made.service ?? null,
    vlan: null,
    vlan_inner: null,
    tunnel: null,
    src_pkts: out,
    dst_pkts: back,
    src_wire_bytes: BigInt(sent) + out * 54n,
    dst_wire_bytes: BigInt(received) + back * 54n,
    src_ip_bytes: BigInt(sent) + out * 40n,
    dst_ip_bytes: BigInt(received) + back * 40n,
    src_payload_bytes: BigInt(sent),
    dst_payload_bytes: BigInt(received),
    conn_state: made.state ?? (proto === 6 ? "SF" : answers > 0 ? "SF" : "S0"),
    history: made.history ?? (proto === 6 ? "ShADadFf" : answers > 0 ? "Dd" : "D"),
    end_reason: "fin",
    community_id: `1:${id}`,
    server_name: null,
    dns_name: null,
    service_guess: null,
    ja4: null,
    rtt_us: null,
    src_retransmits: 0n,
    dst_retransmits: 0n
  };
}

/** A TCP segment or two without payload; by default a SYN that was refused. */
export function probe(made: MadeFlow): FlowRow {
  return flow({lasts: 0.001, sent: 0, received: 0, packets: 1, answers: 1, state: "REJ", history: "Sr", ...made});
}

/** A UDP exchange. */
export function udp(made: MadeFlow): FlowRow {
  return flow({proto: 17, sent: 60, received: 120, packets: 1, answers: 1, lasts: 0.01, ...made});
}

/** ICMP echo requests of 56 bytes and their replies. */
export function ping(made: MadeFlow): FlowRow {
  const {packets = 1, answers = packets} = made;
  return flow({
    proto: 1,
    fromPort: 8,
    toPort: 0,
    sent: 56 * packets,
    received: 56 * answers,
    packets,
    answers,
    state: "OTH",
    history: "",
    lasts: packets - 1,
    ...made
  });
}

/** A row of `http` for the request that a flow began with. */
export function request(of: FlowRow, method: string, uri: string, status: number) {
  return {
    flow_id: of.flow_id,
    capture_sha256: of.capture_sha256,
    ts: of.ts_start,
    method,
    uri,
    status,
    host: "www.example.org"
  };
}

/** An SMB connection of client 10.0.0.5 with 10.0.0.9. */
export function smbFlow(made: Partial<MadeFlow> = {}): FlowRow {
  return flow({at: 0, lasts: 20, to: "10.0.0.9", toPort: 445, service: "smb", sent: 9000, received: 12_000, ...made});
}

/** A row of `smb`: what a flow's client connects to or opens, `after` seconds from its start. */
export function smbRequest(
  of: FlowRow,
  command: "tree_connect" | "create",
  made: {share: string; path?: string; status?: number; after?: number}
) {
  return {
    flow_id: of.flow_id,
    capture_sha256: of.capture_sha256,
    ts: of.ts_start + Math.round((made.after ?? 1) * 1e6),
    version: "3.1.1",
    command,
    share: `\\\\${of.dst_ip}\\${made.share}`,
    path: made.path ?? null,
    status: made.status ?? 0
  };
}

/** Rows by number, from 0 on. */
export function rows<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({length: n}, (_, i) => make(i));
}

/** A repeatable number in [0, 1) for each i (SplitMix32). */
export function chance(i: number): number {
  let z = (i + 1) * 0x9e3779b9;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}
