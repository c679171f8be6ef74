import {u16At, u32At, u8At} from "../bytes";
import {FLOW, TUNNEL_4IN6, TUNNEL_6IN4, TUNNEL_6IN6, TUNNEL_ERSPAN, TUNNEL_ETHERIP, TUNNEL_GENEVE, TUNNEL_GRE, TUNNEL_GRE_KEYED, TUNNEL_GTPU, TUNNEL_IPIP, TUNNEL_MPLS, TUNNEL_PPTP, TUNNEL_TEREDO, TUNNEL_VXLAN, IPV6} from "../constants";
import {Packet} from "../layout";
import {decodeEtherType, decodeEthernet, decodeMpls, decodePppProtocol} from "./ethernet";
import {backTo, depth, enterTunnel, innerVlan, tunnelDepth, vlan} from "./frame";
import {decodeIpv4, decodeIpv6} from "./ip";

/**
 * Packets inside packets. Each function is true where an IP packet was found inside; else everything noted on the way
 * is forgotten, and the outer packet keeps its own flow.
 */

/** What follows in a tunnel: how its first bytes are read. */
const AS_IPV4: i32 = -1;
const AS_IPV6: i32 = -2;
const AS_ETHERNET: i32 = -3;
const AS_MPLS: i32 = -4;
const AS_PPP: i32 = -5;
const AS_IP: i32 = -6;

function enter(kind: u32, id: u32, content: i32, at: usize, stop: usize): bool {
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

/** Tunnels over UDP, by port and by a header that fits. */
// @ts-ignore: decorator
@inline
export function enterUdpTunnel(outer: Packet, at: usize, stop: usize): bool {
  switch (outer.destinationPort) {
    case 4789:
    case 8472:
      return enterVxlan(at, stop);
    case 4790:
      return enterVxlanGpe(at, stop);
    case 6081:
      return enterGeneve(at, stop);
    case 2152:
      return enterGtp(at, stop);
    case 3544:
      return enterTeredo(at, stop);
    case 4754:
      return enterGre(at, stop);
  }
  if (outer.sourcePort === 2152) return enterGtp(at, stop);
  if (outer.sourcePort === 3544) return enterTeredo(at, stop);
  return false;
}

/** VXLAN (RFC 7348 §5): what other bits mean (group policy, generic protocols) is not asked, as reserved ones are to be ignored. */
function enterVxlan(at: usize, stop: usize): bool {
  if (at + 8 > stop || (u8At(at) & 0x08) === 0) return false;
  return enter(TUNNEL_VXLAN, u32At(at + 4) >> 8, AS_ETHERNET, at + 8, stop);
}

/** VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe-13 §3): bit P says that a next protocol is told; else it is Ethernet. */
function enterVxlanGpe(at: usize, stop: usize): bool {
  if (at + 8 > stop || (u8At(at) & 0x08) === 0) return false;
  const next = (u8At(at) & 0x04) === 0 ? 3 : u8At(at + 3);
  const content = next === 1 ? AS_IPV4 : next === 2 ? AS_IPV6 : next === 3 ? AS_ETHERNET : next === 5 ? AS_MPLS : 0;
  return content !== 0 && enter(TUNNEL_VXLAN, u32At(at + 4) >> 8, content, at + 8, stop);
}

/** Geneve (RFC 8926 §3.4). */
function enterGeneve(at: usize, stop: usize): bool {
  if (at + 8 > stop || u8At(at) >> 6 !== 0) return false;
  const options: usize = <usize>(u8At(at) & 0x3f) << 2;
  return enter(TUNNEL_GENEVE, u32At(at + 4) >> 8, <i32>u16At(at + 2), at + 8 + options, stop);
}

/** GTP-U version 1 carrying a packet (3GPP TS 29.281 §5.1). */
function enterGtp(at: usize, stop: usize): bool {
  if (at + 8 > stop) return false;
  const flags = u8At(at);
  if (flags >> 4 !== 3 || u8At(at + 1) !== 0xff) return false;
  let next = at + 8;
  if ((flags & 7) !== 0) {
    if (at + 12 > stop) return false;
    let extension = (flags & 4) !== 0 ? u8At(at + 11) : 0;
    next = at + 12;
    for (let i = 0; extension !== 0; i++) {
      if (i === 8 || next >= stop) return false;
      const bytes = <usize>u8At(next) << 2;
      if (bytes === 0 || next + bytes > stop) return false;
      extension = u8At(next + bytes - 1);
      next += bytes;
    }
  }
  return next < stop && enter(TUNNEL_GTPU, u32At(at + 4), AS_IP, next, stop);
}

/** Teredo (RFC 4380 §5.1.1): optional authentication and origin, then IPv6 of exactly the length it says. */
function enterTeredo(start: usize, stop: usize): bool {
  let at = start;
  if (at + 4 <= stop && u16At(at) === 1) at += 13 + u8At(at + 2) + u8At(at + 3);
  if (at + 8 <= stop && u16At(at) === 0) at += 8;
  if (at + 40 > stop || u8At(at) >> 4 !== 6) return false;
  return at + 40 + u16At(at + 4) <= stop && enter(TUNNEL_TEREDO, 0, AS_IPV6, at, stop);
}
