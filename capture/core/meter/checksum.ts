import {ICMP, ICMPV6, TCP, UDP} from "./constants";
import {Packet} from "./layout";

/** Bytes of the IPv4 header before its addresses, and of the IPv6 header in all. */
const BEFORE_ADDRESSES: usize = 12;
const IPV6_HEADER: usize = 40;

/**
 * True where a checksum of the packet is wrong: the IPv4 header's, or that of a TCP, UDP or ICMP message (RFC 1071)
 * captured whole. What cannot be verified is right: fragments, cut packets, UDP without checksum, and IPv6 with
 * extension headers, as a routing header changes the addresses that count.
 */
export function isCorrupt(packet: Packet, at: usize, stop: usize, length: u32, isWhole: bool): bool {
  if (packet.version === 4) {
    const header = packet.source - BEFORE_ADDRESSES;
    const bytes: usize = <usize>(load<u8>(header) & 15) << 2;
    if (header + bytes <= stop && folded(sum(header, bytes)) !== 0xffff) return true;
  } else if (at !== packet.source - 8 + IPV6_HEADER) return false;
  if (!isWhole || at + <usize>length > stop) return false;
  const proto = packet.proto;
  if (proto === ICMP) return length >= 8 && folded(sum(at, length)) !== 0xffff;
  if (proto === UDP) {
    if (length < 8 || load<u16>(at, 6) === 0) return false;
  } else if (proto !== ICMPV6 && (proto !== TCP || length < 20)) return false;
  const addresses: usize = packet.version === 4 ? 8 : 32;
  const pseudo = sum(packet.source, addresses) + bswap<u16>(<u16>proto) + bswap<u16>(<u16>length) + bswap<u16>(<u16>(length >> 16));
  return folded(pseudo + sum(at, length)) !== 0xffff;
}

/** Sum of the 16-bit words in this machine's byte order, which gives the same verdict (RFC 1071 §2). */
function sum(start: usize, bytes: usize): u64 {
  let total: u64 = 0;
  let at = start;
  const end = start + bytes;
  for (; at + 8 <= end; at += 8) {
    const word = load<u64>(at);
    total += (word & 0xffffffff) + (word >> 32);
  }
  for (; at + 2 <= end; at += 2) total += load<u16>(at);
  return at < end ? total + load<u8>(at) : total;
}

function folded(total: u64): u64 {
  let rest = total;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >> 16);
  return rest;
}
