import {u16At, u8At} from "../bytes";
import {MALFORMED, NON_IP} from "../constants";
import {decodeEtherType, decodeEthernet, decodeLlc, decodePppoe, decodePppProtocol} from "./ethernet";
import {decodeIpv4, decodeIpv6} from "./ip";
import {decodeRareLink} from "./rare-link";
import {decodeRadiotap, decodeWlan} from "./wlan";

/** Decodes a frame of that LINKTYPE_ (www.tcpdump.org/linktypes.html); what became of it. */
export function decodeLink(link: i32, at: usize, end: usize): i32 {
  switch (link) {
    case 1:
      return decodeEthernet(at, end);
    case 0:
    case 108:
      return decodeLoopback(at, end);
    case 9:
    case 50:
      return decodePpp(at, end);
    case 10:
      // FDDI: frame control and two addresses before the LLC header.
      return at + 13 > end ? MALFORMED : decodeLlc(at + 13, end);
    case 12:
    case 14:
    case 101:
      return decodeRaw(at, end);
    case 51:
      return decodePppoe(at, end);
    case 104:
      // Cisco HDLC: address, control, EtherType.
      return at + 4 > end ? MALFORMED : decodeEtherType(u16At(at + 2), at + 4, end);
    case 105:
      return decodeWlan(at, end);
    case 113:
      return at + 16 > end ? MALFORMED : decodeCooked(u16At(at + 14), at + 16, end);
    case 127:
      return decodeRadiotap(at, end);
    case 228:
      return decodeIpv4(at, end);
    case 229:
      return decodeIpv6(at, end);
    case 239:
      return decodeNflog(at, end);
    case 276:
      return at + 20 > end ? MALFORMED : decodeCooked(u16At(at), at + 20, end);
  }
  return decodeRareLink(link, at, end);
}

/** BSD loopback: an address family in the byte order of the capturing host (0) or the network's (108). */
function decodeLoopback(at: usize, end: usize): i32 {
  return at + 4 > end ? MALFORMED : decodeFamily(at, at + 4, end);
}

/** IP by an address family of four bytes in either order. */
export function decodeFamily(at: usize, next: usize, end: usize): i32 {
  let family = load<u32>(at);
  if (family > 0xffff) family = bswap<u32>(family);
  if (family === 2) return decodeIpv4(next, end);
  // AF_INET6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on the BSDs and macOS.
  if (family === 10 || family === 23 || family === 24 || family === 28 || family === 30) return decodeIpv6(next, end);
  return NON_IP;
}

function decodeRaw(at: usize, end: usize): i32 {
  if (at >= end) return MALFORMED;
  const version = u8At(at) >> 4;
  if (version === 4) return decodeIpv4(at, end);
  if (version === 6) return decodeIpv6(at, end);
  return MALFORMED;
}

/** PPP with or without address and control (RFC 1662 §3.1); Cisco HDLC frames also come under this link type. */
export function decodePpp(at: usize, end: usize): i32 {
  if (at + 2 > end) return MALFORMED;
  const head = u16At(at);
  if (head === 0xff03) return decodePppProtocol(at + 2, end);
  if (head === 0x0f00 || head === 0x8f00) return at + 4 > end ? MALFORMED : decodeEtherType(u16At(at + 2), at + 4, end);
  return decodePppProtocol(at, end);
}

/** Linux cooked capture: values below 1536 are not EtherTypes (4 is 802.2 LLC). */
function decodeCooked(type: u32, at: usize, end: usize): i32 {
  if (type === 4) return decodeLlc(at, end);
  return type < 1536 ? NON_IP : decodeEtherType(type, at, end);
}

/** Netfilter log: length-type-value records of which type 9 is the packet. */
function decodeNflog(at: usize, end: usize): i32 {
  if (at + 4 > end) return MALFORMED;
  const family = u8At(at);
  let record = at + 4;
  for (let i = 0; i < 64 && record + 4 <= end; i++) {
    const length = <usize>load<u16>(record);
    if (length < 4) return MALFORMED;
    if (load<u16>(record + 2) === 9) {
      const stop = min(record + length, end);
      return family === 2 ? decodeIpv4(record + 4, stop) : family === 10 ? decodeIpv6(record + 4, stop) : NON_IP;
    }
    record += (length + 3) & ~3;
  }
  return NON_IP;
}
