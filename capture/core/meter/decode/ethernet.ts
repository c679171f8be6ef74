import {foundArp} from "../arp";
import {u16At, u32At, u8At} from "../bytes";
import {ARP, CDP, DTP, LINK_FRAME, MALFORMED, NON_IP, SPANNING_TREE, VTP} from "../constants";
import {foundLinkFrame} from "../link-frames";
import {enterLayer, tag} from "./frame";
import {decodeIpv4, decodeIpv6} from "./ip";
import {decodeRareType} from "./rare-type";

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
/** Cisco, and its spanning tree of a VLAN. */
const CISCO: u32 = 0x00000c;
const CISCO_SPANNING_TREE: u32 = 0x010b;
/** Most tags, labels and shims followed in one frame. */
const MAX_TAGS = 16;

export function decodeEthernet(at: usize, end: usize): i32 {
  if (at + 14 > end) return MALFORMED;
  const type = u16At(at + 12);
  if (type === IPV4) return decodeIpv4(at + 14, end);
  if (type <= 1500) return decodeLlc(at + 14, end);
  return decodeEtherType(type, at + 14, end);
}

/** What follows an EtherType (IEEE 802 numbers), through VLAN tags and other shims. */
export function decodeEtherType(first: u32, start: usize, end: usize): i32 {
  if (!enterLayer()) return MALFORMED;
  let type = first;
  let at = start;
  for (let i = 0; i < MAX_TAGS; i++) {
    switch (type) {
      case IPV4:
        return decodeIpv4(at, end);
      case IPV6:
        return decodeIpv6(at, end);
      case 0x0806:
        foundArp(at, end);
        return ARP;
      case 0x8100:
      case 0x88a8:
      case 0x9100:
      case 0x9200:
        if (at + 4 > end) return MALFORMED;
        tag(u16At(at) & 0xfff);
        type = u16At(at + 2);
        at += 4;
        break;
      case 0x8847:
      case 0x8848:
        return decodeMpls(at, end);
      case 0x8864:
        return decodePppoe(at, end);
      case 0x880b:
        return decodePppProtocol(at, end);
      case 0x8909: // Cisco MetaData
        if (at + 8 > end) return MALFORMED;
        type = u16At(at + 6);
        at += 8;
        break;
      case 0x8926: // VN-Tag
        if (at + 6 > end) return MALFORMED;
        type = u16At(at + 4);
        at += 6;
        break;
      case 0x88e7: // 802.1ah: service tag, then a whole frame
        return at + 4 > end ? MALFORMED : decodeEthernet(at + 4, end);
      case 0x6558:
        return decodeEthernet(at, end);
      default:
        return type <= 1500 ? decodeLlc(at, end) : decodeRareType(type, at, end);
    }
  }
  return MALFORMED;
}

/** 802.2 LLC: SNAP with an EtherType, IP or a spanning tree by its own service access point. */
export function decodeLlc(at: usize, end: usize): i32 {
  if (at + 3 > end) return MALFORMED;
  const points = u16At(at);
  if (points === 0x0606) return decodeIpv4(at + 3, end);
  if (points === 0x4242) return neighbourFrame(SPANNING_TREE, at + 3, end);
  if (points !== 0xaaaa) return NON_IP;
  if (at + 8 > end) return MALFORMED;
  const vendor = u32At(at + 3) >> 8;
  const type = u16At(at + 6);
  // Vendors' own types are no EtherTypes; 0x0000f8 is bridged 802.1H.
  if (vendor === CISCO && (type === CDP || type === VTP || type === DTP)) return neighbourFrame(type, at + 8, end);
  if (vendor === CISCO && type === CISCO_SPANNING_TREE) return neighbourFrame(SPANNING_TREE, at + 8, end);
  if (vendor !== 0 && vendor !== 0x0000f8) return NON_IP;
  return type <= 1500 ? NON_IP : decodeEtherType(type, at + 8, end);
}

function neighbourFrame(type: u32, at: usize, end: usize): i32 {
  foundLinkFrame(type, at, end);
  return LINK_FRAME;
}

/** MPLS label stack, then IP by its version, or an Ethernet pseudowire with or without control word (RFC 4448). */
export function decodeMpls(start: usize, end: usize): i32 {
  let at = start;
  for (let i = 0; i < MAX_TAGS; i++) {
    if (at + 4 > end) return MALFORMED;
    const bottom = u8At(at + 2) & 1;
    at += 4;
    if (bottom === 0) continue;
    if (at >= end) return MALFORMED;
    const version = u8At(at) >> 4;
    if (version === 4 && !looksEthernet(at, end)) return decodeIpv4(at, end);
    if (version === 6 && !looksEthernet(at, end)) return decodeIpv6(at, end);
    if (version === 0 && looksEthernet(at + 4, end)) return decodeEthernet(at + 4, end);
    return looksEthernet(at, end) ? decodeEthernet(at, end) : NON_IP;
  }
  return MALFORMED;
}

/** Whether an Ethernet frame of IP, ARP or a VLAN may begin there. */
export function looksEthernet(at: usize, end: usize): bool {
  if (at + 14 > end) return false;
  const type = u16At(at + 12);
  if (type !== IPV4 && type !== IPV6) return type === 0x0806 || type === 0x8100 || type === 0x88a8;
  return at + 15 <= end && u8At(at + 14) >> 4 === (type === IPV4 ? 4 : 6);
}

/** PPPoE (RFC 2516 §4): session frames carry PPP. */
export function decodePppoe(at: usize, end: usize): i32 {
  if (at + 6 > end) return MALFORMED;
  if (u8At(at) !== 0x11) return MALFORMED;
  if (u8At(at + 1) !== 0) return NON_IP;
  return decodePppProtocol(at + 6, end);
}

/** A PPP protocol field of one or two bytes (RFC 1661 §2) and what follows it. */
export function decodePppProtocol(at: usize, end: usize): i32 {
  if (at >= end) return MALFORMED;
  let type = u8At(at);
  let next = at + 1;
  if ((type & 1) === 0) {
    if (at + 2 > end) return MALFORMED;
    type = u16At(at);
    next = at + 2;
  }
  if (type === 0x21) return decodeIpv4(next, end);
  if (type === 0x57) return decodeIpv6(next, end);
  if (type === 0x281 || type === 0x283) return decodeMpls(next, end);
  return NON_IP;
}
