import {u16At, u32At, u8At} from "../bytes";
import {MALFORMED, NON_IP, UNREAD} from "../constants";
import {decodeEtherType, decodeEthernet, decodeLlc, decodePppProtocol} from "./ethernet";
import {enterLayer, tag} from "./frame";
import {decodeIpv4, decodeIpv6} from "./ip";
import {decodeFamily, decodeLink, decodePpp} from "./link";
import {decodeAvs, decodePrism} from "./wlan";

/** Link types that few captures have; numbers and headers as www.tcpdump.org/linktypes.html says. */
export function decodeRareLink(link: i32, at: usize, end: usize): i32 {
  switch (link) {
    case 6:
      return decodeTokenRing(at, end);
    case 107:
      return decodeFrameRelay(at, end);
    case 109: // OpenBSD's decrypted IPsec: address family, SPI, flags
      return at + 12 > end ? MALFORMED : decodeFamily(at, at + 12, end);
    case 117:
      return decodePflog(at, end);
    case 119:
      return decodePrism(at, end);
    case 122: // IP over Fibre Channel
      return at + 16 > end ? MALFORMED : decodeLlc(at + 16, end);
    case 138: // IP over IEEE 1394
      return at + 18 > end ? MALFORMED : decodeEtherType(u16At(at + 16), at + 18, end);
    case 163:
      return decodeAvs(at, end);
    case 166: // PPP whose address byte says the direction
      return at + 2 > end ? MALFORMED : decodePppProtocol(at + 2, end);
    case 182:
      return decodeMultilinkFrameRelay(at, end);
    case 192:
      return decodePpi(at, end);
    case 204: // a byte for the direction, then PPP, Cisco HDLC, frame relay
      return decodePpp(at + 1, end);
    case 205:
      return at + 5 > end ? MALFORMED : decodeEtherType(u16At(at + 3), at + 5, end);
    case 206:
      return decodeFrameRelay(at + 1, end);
    case 226:
      return decodeIpnet(at, end);
    case 240: // netANALYZER: four bytes, then the frame with its checksum
      return decodeEthernet(at + 4, end);
    case 258:
      return decodePktap(at, end);
    case 274: // an Ethernet frame behind its preamble
      return at + 8 > end ? MALFORMED : u8At(at + 7) === 0xd5 ? decodeEthernet(at + 8, end) : NON_IP;
    case 281: // a switch's tag between addresses and EtherType
      return at + 18 > end ? MALFORMED : decodeEtherType(u16At(at + 16), at + 18, end);
    case 282: // the same before the addresses
      return decodeEthernet(at + 4, end);
    case 284:
      return decodeDsa(at, 12, end);
    case 285: // the same behind an EtherType of its own and two reserved bytes
      return decodeDsa(at, 16, end);
  }
  return UNREAD;
}

/** IEEE 802.5: access and frame control, addresses, a source route where the source's first bit says so, LLC. */
function decodeTokenRing(at: usize, end: usize): i32 {
  if (at + 16 > end) return MALFORMED;
  if ((u8At(at + 1) & 0xc0) !== 0x40) return NON_IP;
  const route: usize = (u8At(at + 8) & 0x80) !== 0 ? u8At(at + 14) & 31 : 0;
  return decodeLlc(at + 14 + route, end);
}

/** Frame relay (Q.922): an address of two bytes or more; then RFC 2427 §4, or Cisco's EtherType. */
function decodeFrameRelay(start: usize, end: usize): i32 {
  let at = start;
  do {
    if (at >= end || at === start + 4) return MALFORMED;
  } while ((u8At(at++) & 1) === 0);
  if (at < start + 2) return MALFORMED;
  return decodeRelayed(at, end);
}

function decodeRelayed(start: usize, end: usize): i32 {
  let at = start;
  if (at + 2 > end) return MALFORMED;
  // Unnumbered information, or Cisco's encapsulation, which has no control.
  if (u8At(at) !== 3) return decodeEtherType(u16At(at), at + 2, end);
  if (u8At(++at) === 0) at++;
  if (at >= end) return MALFORMED;
  switch (u8At(at)) {
    case 0xcc:
      return decodeIpv4(at + 1, end);
    case 0x8e:
      return decodeIpv6(at + 1, end);
    case 0xcf:
      return decodePppProtocol(at + 1, end);
    case 0x80:
      return decodeSnap(at + 1, end);
  }
  return NON_IP;
}

/** SNAP behind frame relay: EtherTypes, or bridged frames of IEEE 802.3 with (1) and without (7) checksum. */
function decodeSnap(at: usize, end: usize): i32 {
  if (at + 5 > end) return MALFORMED;
  const vendor = u32At(at) >> 8;
  const type = u16At(at + 3);
  if (vendor === 0) return decodeEtherType(type, at + 5, end);
  return vendor === 0x0080c2 && (type === 1 || type === 7) ? decodeEthernet(at + 5, end) : NON_IP;
}

/** Multilink frame relay (FRF.16 §3): two bytes of a fragment; only whole frames are read, control ones are not. */
function decodeMultilinkFrameRelay(at: usize, end: usize): i32 {
  if (at + 2 > end) return MALFORMED;
  return u8At(at) >> 5 === 6 ? decodeFrameRelay(at + 2, end) : NON_IP;
}

/** Per-packet information (CACE): its length and the link type of what follows, in the order of little-endian hosts. */
function decodePpi(at: usize, end: usize): i32 {
  if (at + 8 > end) return MALFORMED;
  const length = <usize>load<u16>(at, 2);
  if (length < 8 || length > <usize>(end - at) || !enterLayer()) return MALFORMED;
  return decodeLink(load<i32>(at, 4), at + length, end);
}

/** Apple's PKTAP: length, kind of record (1: a packet), link type of what follows. */
function decodePktap(at: usize, end: usize): i32 {
  if (at + 12 > end) return MALFORMED;
  const length = <usize>load<u32>(at);
  if (length < 12 || length > <usize>(end - at) || !enterLayer()) return MALFORMED;
  return load<u32>(at, 4) === 1 ? decodeLink(load<i32>(at, 8), at + length, end) : NON_IP;
}

/** A BSD's packet filter log: length (filled up to words), address family. */
function decodePflog(at: usize, end: usize): i32 {
  if (at + 4 > end) return MALFORMED;
  const length = ((<usize>u8At(at) + 3) >> 2) << 2;
  if (length < 48 || length > <usize>(end - at)) return MALFORMED;
  const family = u8At(at + 1);
  return decodeVersion(family === 2 ? 4 : family === 10 || family === 24 || family === 28 || family === 30 ? 6 : 0, at + length, end);
}

/** Solaris' IP observability: version, family (2, or 26 for IPv6), 24 bytes in all. */
function decodeIpnet(at: usize, end: usize): i32 {
  if (at + 24 > end) return MALFORMED;
  const family = u8At(at + 1);
  return decodeVersion(family === 2 ? 4 : family === 26 ? 6 : 0, at + 24, end);
}

/** Marvell's tag: the frame's own VLAN tag, where bit 13 says that it had one. */
function decodeDsa(at: usize, offset: usize, end: usize): i32 {
  if (at + offset + 6 > end) return MALFORMED;
  const word = u16At(at + offset);
  if ((word & 0x2000) !== 0) tag(u16At(at + offset + 2) & 0xfff);
  return decodeEtherType(u16At(at + offset + 4), at + offset + 6, end);
}

function decodeVersion(version: i32, at: usize, end: usize): i32 {
  return version === 4 ? decodeIpv4(at, end) : version === 6 ? decodeIpv6(at, end) : NON_IP;
}
