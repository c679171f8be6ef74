import {u16At, u32At, u8At} from "../bytes";
import {TUNNEL_AYIYA, TUNNEL_CAPWAP, TUNNEL_GENEVE, TUNNEL_GTPU, TUNNEL_L2TP, TUNNEL_LISP, TUNNEL_LISP_INSTANCE, TUNNEL_TEREDO, TUNNEL_TZSP, TUNNEL_VXLAN} from "../constants";
import {Packet} from "../layout";
import {AS_ETHERNET, AS_IP, AS_IPV4, AS_IPV6, AS_MPLS, AS_PPP, AS_SWAPPED_WLAN, AS_WLAN, enter, enterGre, enterMpls, enterPseudowire} from "./tunnel";

/** Tunnels over UDP, by port and by a header that fits. */

/** Their ports by the lowest six bits, and by the six above. */
const LOW: u64 = 0x8060092001050002;
const HIGH: u64 = 0x8000828402841c;

/** EtherType of a network service header. */
const NSH = 0x894f;

/** False of nearly all ports but those of tunnels. */
// @ts-ignore: decorator
@inline
function mayBe(port: u32): u64 {
  return (LOW >> (port & 63)) & (HIGH >> ((port >> 6) & 63)) & 1;
}

/** True where an IP packet was found inside. */
// @ts-ignore: decorator
@inline
export function enterUdpTunnel(outer: Packet, at: usize, stop: usize): bool {
  return (mayBe(outer.destinationPort) | mayBe(outer.sourcePort)) !== 0 && enterByPort(outer, at, stop);
}

function enterByPort(outer: Packet, at: usize, stop: usize): bool {
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
    case 1701:
      return enterL2tp(at, stop);
    case 4341:
      return enterLisp(at, stop);
    case 5072:
      return enterAyiya(at, stop);
    case 5247:
      return enterCapwap(at, stop);
    case 6635:
      return enterMpls(at, stop);
    case 37008:
      return enterTzsp(at, stop);
  }
  switch (outer.sourcePort) {
    case 2152:
      return enterGtp(at, stop);
    case 3544:
      return enterTeredo(at, stop);
    case 1701:
      return enterL2tp(at, stop);
    case 5072:
      return enterAyiya(at, stop);
    case 5247:
      return enterCapwap(at, stop);
  }
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
  const content = next === 1 ? AS_IPV4 : next === 2 ? AS_IPV6 : next === 3 ? AS_ETHERNET : next === 4 ? NSH : next === 5 ? AS_MPLS : 0;
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

/** Data of L2TP version 2 (RFC 2661 §3.1): PPP; version 3 over UDP (RFC 3931 §4.1.2). Control messages stay outside. */
function enterL2tp(at: usize, stop: usize): bool {
  if (at + 8 > stop) return false;
  const flags = u16At(at);
  if ((flags & 0x8000) !== 0) return false;
  if ((flags & 15) === 3) return (flags & 0xfff0) === 0 && enterPseudowire(u32At(at + 4), at + 8, stop);
  if ((flags & 0x30ff) !== 2 || (flags & 0x0400) !== 0) return false;
  let next = at + ((flags & 0x4000) !== 0 ? 4 : 2);
  const id = next + 4 <= stop ? u32At(next) : 0;
  next += (flags & 0x0800) !== 0 ? 8 : 4;
  if ((flags & 0x0200) !== 0) {
    if (next + 2 > stop) return false;
    next += 2 + u16At(next);
  }
  return next + 2 <= stop && enter(TUNNEL_L2TP, id, AS_PPP, next, stop);
}

/** LISP's data (RFC 9300 §5.3): flags and nonce, then an instance (bit I) or locators, then IP. */
function enterLisp(at: usize, stop: usize): bool {
  if (at + 9 > stop) return false;
  const flags = u8At(at);
  // Nonce and map version exclude each other.
  if ((flags & 0x90) === 0x90) return false;
  const version = u8At(at + 8) >> 4;
  if (version !== 4 && version !== 6) return false;
  return (flags & 0x08) !== 0 ? enter(TUNNEL_LISP_INSTANCE, u32At(at + 4) >> 8, AS_IP, at + 8, stop) : enter(TUNNEL_LISP, 0, AS_IP, at + 8, stop);
}

/** AYIYA (draft-massar-v6ops-ayiya-02 §4): lengths of identity and signature, operation (1: forward), next header. */
function enterAyiya(at: usize, stop: usize): bool {
  if (at + 8 > stop || (u8At(at + 2) & 15) !== 1) return false;
  const proto = u8At(at + 3);
  const next = at + 8 + (<usize>1 << (u8At(at) >> 4)) + (<usize>(u8At(at + 1) >> 4) << 2);
  return (proto === 41 || proto === 4) && enter(TUNNEL_AYIYA, 0, proto === 41 ? AS_IPV6 : AS_IPV4, next, stop);
}

/**
 * Data of a wireless access point by CAPWAP (RFC 5415 §4.3): 802.11 or Ethernet in the clear. Keep-alives and fragments
 * behind the first stay outside. Cisco's have the two bytes of 802.11's frame control swapped; the first two bits are 0.
 */
function enterCapwap(at: usize, stop: usize): bool {
  if (at + 8 > stop || u8At(at) !== 0) return false;
  const word = u32At(at);
  const header = ((word >> 19) & 31) << 2;
  if (header < 8 || (word & 0x08) !== 0 || ((word & 0x80) !== 0 && u16At(at + 6) >> 3 !== 0)) return false;
  const next = at + header;
  if ((word & 0x100) === 0) return enter(TUNNEL_CAPWAP, 0, AS_ETHERNET, next, stop);
  if (((word >> 9) & 31) !== 1 || next + 2 > stop) return false;
  // A data frame's version and type as they are, or in the other byte.
  const isSwapped = (u8At(next) & 15) !== 8 && (u8At(next + 1) & 15) === 8;
  return enter(TUNNEL_CAPWAP, 0, isSwapped ? AS_SWAPPED_WLAN : AS_WLAN, next, stop);
}

/** Most tagged fields that are passed. */
const MAX_FIELDS = 64;

/** TZSP of remote wireless and router captures: version 1, a received packet, what it is, tagged fields up to the end's. */
function enterTzsp(at: usize, stop: usize): bool {
  if (at + 5 > stop || u8At(at) !== 1 || u8At(at + 1) > 1) return false;
  const content = u16At(at + 2);
  let next = at + 4;
  for (let i = 0; next < stop && i < MAX_FIELDS; i++) {
    const field = u8At(next++);
    if (field === 1) {
      if (content === 1) return enter(TUNNEL_TZSP, 0, AS_ETHERNET, next, stop);
      return content === 18 && enter(TUNNEL_TZSP, 0, AS_WLAN, next, stop);
    }
    if (field === 0) continue;
    if (next >= stop) return false;
    next += 1 + u8At(next);
  }
  return false;
}
