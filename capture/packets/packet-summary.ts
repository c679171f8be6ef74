import type {PacketSummary} from "../../schema/packets.ts";
import {ipv4Text, ipv6Text} from "../meter/address-text.ts";

/** The ends and the protocol of a flow, as its row has them. */
export interface FlowEnds {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  /** IANA number. */
  readonly proto: number;
}

const tcp = 6;
const withPorts: readonly number[] = [tcp, 17, 132, 136];
const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
/** Headers that lie deeper in a frame are not looked for: link layer, tags and eight tunnels end before. */
const deepest = 1024;

const icmpNames: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply"
};
const icmpv6Names: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
  137: "redirect",
  143: "multicast listener report v2"
};

/**
 * Summarises a packet that the meter gave to a flow. Its IP header is found by the flow's own addresses, protocol and
 * ports, whatever link layer, tags and tunnels lie before it.
 */
export function summarize(bytes: Uint8Array, wire: number, flow: FlowEnds): PacketSummary {
  for (let at = 0; at < Math.min(bytes.length, deepest); at++) {
    const found = ipAt(bytes, at, flow);
    if (found) return transport(bytes, found, flow);
  }
  const text = `${wire} bytes, of which ${bytes.length} were captured: its headers are not among them`;
  return {isFromOriginator: null, flags: null, seq: null, ack: null, payloadBytes: null, text};
}

interface Found {
  readonly isFromOriginator: boolean;
  /** Where the transport's header begins, and where the IP packet ends by its own length. */
  readonly at: number;
  readonly end: number;
  /** Without a transport's header. */
  readonly isLaterFragment: boolean;
}

/** The flow's own IP header at that place; null where there is none. */
function ipAt(bytes: Uint8Array, at: number, flow: FlowEnds): Found | null {
  const version = bytes[at] >> 4;
  const found = version === 4 ? ipv4At(bytes, at, flow) : version === 6 ? ipv6At(bytes, at, flow) : null;
  if (!found || found.isLaterFragment || !withPorts.includes(flow.proto) || found.at + 4 > bytes.length) return found;
  const ports = [u16(bytes, found.at), u16(bytes, found.at + 2)];
  const is = (src: number, dst: number) => ports[0] === src && ports[1] === dst;
  const [out, back] = [is(flow.srcPort, flow.dstPort), is(flow.dstPort, flow.srcPort)];
  if (!out && !back) return null;
  // A host that talks to itself: the ports tell the direction.
  return flow.src === flow.dst
    ? {...found, isFromOriginator: out}
    : found.isFromOriginator === out || back
      ? found
      : null;
}

function ipv4At(bytes: Uint8Array, at: number, flow: FlowEnds): Found | null {
  const header = (bytes[at] & 15) * 4;
  if (header < 20 || at + 20 > bytes.length || bytes[at + 9] !== flow.proto) return null;
  const isFromOriginator = direction(ipv4Text(bytes, at + 12), ipv4Text(bytes, at + 16), flow);
  if (isFromOriginator === null) return null;
  // Zero where the network card cut the packet into pieces afterwards.
  const length = u16(bytes, at + 2) || bytes.length - at;
  const isLaterFragment = (u16(bytes, at + 6) & 0x1fff) !== 0;
  return {isFromOriginator, at: at + header, end: at + length, isLaterFragment};
}

function ipv6At(bytes: Uint8Array, at: number, flow: FlowEnds): Found | null {
  if (at + 40 > bytes.length) return null;
  const isFromOriginator = direction(ipv6Text(bytes, at + 8), ipv6Text(bytes, at + 24), flow);
  if (isFromOriginator === null) return null;
  const end = at + 40 + (u16(bytes, at + 4) || bytes.length - at - 40);
  let next = bytes[at + 6];
  let from = at + 40;
  let isLaterFragment = false;
  // Hop-by-hop, routing, fragment, authentication, destination options (RFC 8200 §4).
  for (let n = 0; n < 8 && [0, 43, 44, 51, 60].includes(next) && from + 8 <= bytes.length; n++) {
    if (next === 44) isLaterFragment = u16(bytes, from + 2) >> 3 !== 0;
    const length = next === 44 ? 8 : next === 51 ? (bytes[from + 1] + 2) * 4 : (bytes[from + 1] + 1) * 8;
    next = bytes[from];
    from += length;
    if (isLaterFragment) break;
  }
  return next === flow.proto ? {isFromOriginator, at: from, end, isLaterFragment} : null;
}

function direction(src: string, dst: string, flow: FlowEnds): boolean | null {
  if (src === flow.src && dst === flow.dst) return true;
  return src === flow.dst && dst === flow.src ? false : null;
}

function transport(
  bytes: Uint8Array,
  {isFromOriginator, at, end, isLaterFragment}: Found,
  flow: FlowEnds
): PacketSummary {
  const plain = {isFromOriginator, flags: null, seq: null, ack: null, payloadBytes: null};
  if (isLaterFragment) return {...plain, text: `later fragment, ${Math.max(0, end - at)} bytes`};
  const {proto} = flow;
  if (proto === tcp && at + 20 <= bytes.length) return tcpSummary(bytes, at, end, isFromOriginator);
  const [src, dst] = at + 4 <= bytes.length ? [u16(bytes, at), u16(bytes, at + 2)] : [0, 0];
  if (proto === 17 && at + 8 <= bytes.length) {
    const payloadBytes = Math.max(0, (u16(bytes, at + 4) || end - at) - 8);
    return {...plain, payloadBytes, text: `${src} → ${dst} Len=${payloadBytes}`};
  }
  if ((proto === 1 || proto === 58) && at + 8 <= bytes.length) {
    const [type, code] = [bytes[at], bytes[at + 1]];
    const name = (proto === 1 ? icmpNames : icmpv6Names)[type] ?? `type ${type}`;
    const isEcho = proto === 1 ? type === 0 || type === 8 : type === 128 || type === 129;
    const more = isEcho ? ` id=${u16(bytes, at + 4)} seq=${u16(bytes, at + 6)}` : code ? ` code ${code}` : "";
    return {...plain, payloadBytes: Math.max(0, end - at - 8), text: `${name}${more}`};
  }
  return {...plain, text: withPorts.includes(proto) && src ? `${src} → ${dst}` : `${Math.max(0, end - at)} bytes`};
}

/** As Wireshark writes it, with the numbers of the wire (RFC 9293 §3.1). */
function tcpSummary(bytes: Uint8Array, at: number, end: number, isFromOriginator: boolean): PacketSummary {
  const [seq, ack] = [u32(bytes, at + 4), u32(bytes, at + 8)];
  const flags = flagNames.filter((_, bit) => bytes[at + 13] & (1 << bit)).join(", ");
  const payloadBytes = Math.max(0, end - at - (bytes[at + 12] >> 4) * 4);
  const acked = flags.includes("ACK") ? ` Ack=${ack}` : "";
  const text = `${u16(bytes, at)} → ${u16(bytes, at + 2)} [${flags}] Seq=${seq}${acked} Win=${u16(bytes, at + 14)} Len=${payloadBytes}`;
  return {isFromOriginator, flags, seq, ack, payloadBytes, text};
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2);
}
