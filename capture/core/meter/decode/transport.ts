import {u16At, u32At, u8At} from "../bytes";
import {isCorrupt} from "../checksum";
import {DCCP, ETHERIP, FLOW, GRE, ICMP, ICMPV6, IPV6, IP_IN_IP, L2TP3, MPLS_IN_IP, SCTP, TCP, UDP, UDP_LITE} from "../constants";
import {Packet} from "../layout";
import {verifiesChecksums} from "../settings";
import {recallPorts, rememberPorts, tagOf} from "./fragments";
import {counterpart} from "./icmp";
import {foundFragment} from "./overlaps";
import {enterEtherIp, enterGre, enterIp, enterL2tp3, enterMpls} from "./tunnel";
import {enterUdpTunnel} from "./udp-tunnel";

/**
 * Ports, flags and payload of the IP packet's transport, or the packet inside a tunnel. `length` is the transport's
 * length by the IP header, `stop` the end of what was captured of it.
 */
export function decodeTransport(packet: Packet, at: usize, stop: usize, length: u32, offset: u32, more: bool, id: u32): i32 {
  const captured: u32 = at < stop ? <u32>(stop - at) : 0;
  packet.payload = at;
  packet.payloadBytes = length;
  packet.payloadCaptured = captured;
  if (verifiesChecksums && isCorrupt(packet, at, stop, length, offset === 0 && !more)) packet.corrupt = 1;
  if (offset !== 0 || more) foundFragment(tagOf(packet, id), offset, length, more);
  if (offset !== 0) {
    packet.isLaterFragment = 1;
    recallPorts(packet, id);
    return FLOW;
  }
  switch (packet.proto) {
    case TCP:
      decodeTcp(packet, at, captured, length);
      break;
    case UDP:
      decodeUdp(packet, at, captured, length);
      if (captured > 8 && enterUdpTunnel(packet, at + 8, stop)) return FLOW;
      break;
    case ICMP:
    case ICMPV6:
      decodeIcmp(packet, at, captured);
      skip(packet, 8);
      break;
    case SCTP:
      decodePorts(packet, at, captured);
      skip(packet, 12);
      break;
    case UDP_LITE:
      decodePorts(packet, at, captured);
      skip(packet, 8);
      break;
    case DCCP:
      decodePorts(packet, at, captured);
      break;
    case IP_IN_IP:
    case IPV6:
      if (enterIp(packet, at, stop)) return FLOW;
      break;
    case GRE:
      if (enterGre(at, stop)) return FLOW;
      break;
    case ETHERIP:
      if (enterEtherIp(at, stop)) return FLOW;
      break;
    case L2TP3:
      if (enterL2tp3(at, stop)) return FLOW;
      break;
    case MPLS_IN_IP:
      if (enterMpls(at, stop)) return FLOW;
      break;
  }
  if (more) rememberPorts(packet, id);
  return FLOW;
}

// @ts-ignore: decorator
@inline
function decodePorts(packet: Packet, at: usize, captured: u32): void {
  if (captured < 4) return;
  packet.sourcePort = u16At(at);
  packet.destinationPort = u16At(at + 2);
}

/** Takes a header off the payload; what is shorter has none. */
// @ts-ignore: decorator
@inline
function skip(packet: Packet, header: u32): void {
  packet.payload += header;
  packet.payloadBytes = packet.payloadBytes > header ? packet.payloadBytes - header : 0;
  packet.payloadCaptured = packet.payloadCaptured > header ? min(packet.payloadCaptured - header, packet.payloadBytes) : 0;
}

/** RFC 9293 §3.1. A header that is cut or shorter than it says gives ports but no TCP state. */
// @ts-ignore: decorator
@inline
function decodeTcp(packet: Packet, at: usize, captured: u32, length: u32): void {
  decodePorts(packet, at, captured);
  const header: u32 = captured > 12 ? (u8At(at + 12) >> 4) << 2 : 20;
  skip(packet, header);
  if (captured < 20 || header < 20 || header > length) return;
  packet.hasTcp = 1;
  packet.sequence = u32At(at + 4);
  packet.acknowledgment = u32At(at + 8);
  packet.flags = u8At(at + 13);
  packet.window = u16At(at + 14);
}

/** RFC 768; a length field of 0 (jumbogram, offload) or beyond the IP packet gives way to the IP length. */
// @ts-ignore: decorator
@inline
function decodeUdp(packet: Packet, at: usize, captured: u32, length: u32): void {
  decodePorts(packet, at, captured);
  if (captured >= 6) {
    const own = u16At(at + 4);
    if (own >= 8 && own < length) packet.payloadBytes = own;
  }
  skip(packet, 8);
}

/** Type and counterpart type stand for the ports; a message without counterpart has its code (Community ID, Zeek). */
function decodeIcmp(packet: Packet, at: usize, captured: u32): void {
  if (captured < 2) return;
  const type = u8At(at);
  const other = counterpart(packet.proto, type);
  packet.sourcePort = type;
  packet.destinationPort = other < 0 ? u8At(at + 1) : <u32>other;
  packet.oneWay = other < 0 ? 1 : 0;
}
