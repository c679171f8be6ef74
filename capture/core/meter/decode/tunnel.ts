import {u16At, u32At, u8At} from "../bytes";
import {FLOW, IPV6, TUNNEL_4IN6, TUNNEL_6IN4, TUNNEL_6IN6, TUNNEL_ERSPAN, TUNNEL_ETHERIP, TUNNEL_GRE, TUNNEL_GRE_KEYED, TUNNEL_IPIP, TUNNEL_L2TP3, TUNNEL_MPLS, TUNNEL_NVGRE, TUNNEL_PPTP} from "../constants";
import {Packet} from "../layout";
import {decodeEtherType, decodeEthernet, decodeMpls, decodePppProtocol, looksEthernet} from "./ethernet";
import {backTo, depth, enterTunnel, innerVlan, tunnelDepth, vlan} from "./frame";
import {decodeIpv4, decodeIpv6} from "./ip";
import {decodeSwappedWlan, decodeWlan} from "./wlan";

/**
 * Packets inside packets. Each function is true where an IP packet was found inside; else everything noted on the way
 * is forgotten, and the outer packet keeps its own flow.
 */

/** What follows in a tunnel: how its first bytes are read. */
export const AS_IPV4: i32 = -1;
export const AS_IPV6: i32 = -2;
export const AS_ETHERNET: i32 = -3;
export const AS_MPLS: i32 = -4;
export const AS_PPP: i32 = -5;
export const AS_IP: i32 = -6;
export const AS_WLAN: i32 = -7;
export const AS_SWAPPED_WLAN: i32 = -8;

export function enter(kind: u32, id: u32, content: i32, at: usize, stop: usize): bool {
  const level = depth;
  const tunnels = tunnelDepth();
  const outer = vlan;
  const inner = innerVlan;
  if (at < stop && enterTunnel(kind, id) && decodeContent(content, at, stop) === FLOW) return true;
  backTo(level, tunnels, outer, inner);
  return false;
}

function decodeContent(content: i32, at: usize, stop: usize): i32 {
  switch (content) {
    case AS_IPV4:
      return decodeIpv4(at, stop);
    case AS_IPV6:
      return decodeIpv6(at, stop);
    case AS_ETHERNET:
      return decodeEthernet(at, stop);
    case AS_MPLS:
      return decodeMpls(at, stop);
    case AS_PPP:
      return decodePppFrame(at, stop);
    case AS_IP:
      return u8At(at) >> 4 === 6 ? decodeIpv6(at, stop) : decodeIpv4(at, stop);
    case AS_WLAN:
      return decodeWlan(at, stop);
    case AS_SWAPPED_WLAN:
      return decodeSwappedWlan(at, stop);
    default:
      return decodeEtherType(content, at, stop);
  }
}

function decodePppFrame(at: usize, stop: usize): i32 {
  return decodePppProtocol(at + 2 <= stop && u16At(at) === 0xff03 ? at + 2 : at, stop);
}

/** IP in IP (RFC 2003, RFC 4213, RFC 2473). */
export function enterIp(outer: Packet, at: usize, stop: usize): bool {
  if (outer.proto === IPV6) return enter(outer.version === 4 ? TUNNEL_6IN4 : TUNNEL_6IN6, 0, AS_IPV6, at, stop);
  return enter(outer.version === 4 ? TUNNEL_IPIP : TUNNEL_4IN6, 0, AS_IPV4, at, stop);
}

/** GRE (RFC 2784, RFC 2890), its PPTP variant (RFC 2637) and ERSPAN. Source routes (RFC 1701) are not followed. */
export function enterGre(at: usize, stop: usize): bool {
  if (at + 4 > stop) return false;
  const flags = u16At(at);
  const type = u16At(at + 2);
  let next = at + 4;
  if ((flags & 7) === 1) {
    if (type !== 0x880b) return false;
    next += 4 + ((flags & 0x1000) !== 0 ? 4 : 0) + ((flags & 0x80) !== 0 ? 4 : 0);
    return enter(TUNNEL_PPTP, 0, AS_PPP, next, stop);
  }
  if ((flags & 7) !== 0 || (flags & 0x4000) !== 0) return false;
  if ((flags & 0x8000) !== 0) next += 4;
  let kind = TUNNEL_GRE;
  let key: u32 = 0;
  if ((flags & 0x2000) !== 0) {
    if (next + 4 > stop) return false;
    kind = TUNNEL_GRE_KEYED;
    key = u32At(next);
    next += 4;
  }
  const sequenced = (flags & 0x1000) !== 0;
  if (sequenced) next += 4;
  if (next + 4 > stop) return false;
  if (type === 0x88be) {
    // ERSPAN type I has no header of its own and no sequence number; type II has eight bytes.
    return sequenced ? enter(TUNNEL_ERSPAN, u16At(next + 2) & 0x3ff, AS_ETHERNET, next + 8, stop) : enter(TUNNEL_ERSPAN, 0, AS_ETHERNET, next, stop);
  }
  if (type === 0x22eb) {
    if (next + 12 > stop) return false;
    const optional: usize = (u8At(next + 11) & 1) !== 0 ? 8 : 0;
    return enter(TUNNEL_ERSPAN, u16At(next + 2) & 0x3ff, AS_ETHERNET, next + 12 + optional, stop);
  }
  // NVGRE (RFC 7637 §3.2): a key alone, of which the upper 24 bits say which network, beyond the reserved first 4,096.
  // The rest tells that network's flows apart, each direction for itself.
  if (type === 0x6558 && flags === 0x2000 && key >= 0x100000) return enter(TUNNEL_NVGRE, key >> 8, AS_ETHERNET, next, stop);
  return enter(kind, key, <i32>type, next, stop);
}

/** EtherIP (RFC 3378). */
export function enterEtherIp(at: usize, stop: usize): bool {
  return at + 2 <= stop && u8At(at) >> 4 === 3 && enter(TUNNEL_ETHERIP, 0, AS_ETHERNET, at + 2, stop);
}

/** MPLS in IP (RFC 4023). */
export function enterMpls(at: usize, stop: usize): bool {
  return enter(TUNNEL_MPLS, 0, AS_MPLS, at, stop);
}

/** L2TP version 3 straight over IP (RFC 3931 §4.1.1): a session, 0 for control messages. */
export function enterL2tp3(at: usize, stop: usize): bool {
  return at + 4 <= stop && u32At(at) !== 0 && enterPseudowire(u32At(at), at + 4, stop);
}

/**
 * What a session of L2TP version 3 carries. Only its control messages, on another path perhaps, say how long its cookie is
 * and whether a sublayer follows (RFC 3931 §4.1): the first place within both where a frame fits is taken.
 */
export function enterPseudowire(session: u32, start: usize, stop: usize): bool {
  for (let at = start; at <= start + 12; at += 4) {
    if (looksEthernet(at, stop)) return enter(TUNNEL_L2TP3, session, AS_ETHERNET, at, stop);
    if (at + 5 <= stop && u32At(at) === 0xff030021 && u8At(at + 4) >> 4 === 4) return enter(TUNNEL_L2TP3, session, AS_PPP, at, stop);
  }
  return false;
}
