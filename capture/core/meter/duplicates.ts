import {reserve} from "./memory";

/**
 * Recognises packets that were captured twice, by a mirror port or on several interfaces: the same bytes as one of the
 * 64 packets before, within a millisecond (`editcap -w 0.001` finds the same): a capture from several interfaces hands
 * packets on in bursts. Of a packet in the batch before, whose bytes are gone, its print decides alone.
 *
 * IP packets in Ethernet are compared from the IP header on, without TTL and its checksum (as by Arkime) or hop limit, so
 * that copies before and behind a router or a trunk, with other MACs, TTL or VLANs, count too. A retransmission has another
 * identification; in IPv6, and where all of a host's are 0, it comes later than a millisecond.
 *
 * Nearly every packet is none of these. The lower 16 bits of the prints lie side by side, so that eight vector comparisons
 * without a branch tell so; only where one is equal the packets are looked at.
 */
export const KEPT: u32 = 64;
export const WITHIN: f64 = 1000;
/** Bytes of their tags. */
export const TAGS: usize = <usize>KEPT * 2;

@unmanaged
class Seen {
  time: f64 = 0;
  print: u64 = 0;
  /** 0 where its bytes are gone. */
  bytes: usize = 0;
  captured: u32 = 0;
  wire: u32 = 0;
  /** Where its IP header begins; 0 where it is compared from the first byte on. */
  header: u32 = 0;
}

const ETHERNET: i32 = 1;

let ring: usize = 0;
/** By place in the ring the lower 16 bits of its print. */
let tags: usize = 0;
let count: u32 = 0;

export function reserveDuplicates(): void {
  ring = reserve(<usize>KEPT * offsetof<Seen>());
  tags = reserve(TAGS);
}

/** Forgets all of the capture before. */
export function clearDuplicates(): void {
  count = 0;
}

/** Called where the bytes of the batch before are gone. */
export function beginDuplicates(): void {
  for (let i: u32 = 0; i < KEPT; i++) seenAt(i).bytes = 0;
}

// @ts-ignore: decorator
@inline
function seenAt(number: u32): Seen {
  return changetype<Seen>(ring + <usize>(number & (KEPT - 1)) * offsetof<Seen>());
}

/** Where the IPv4 header without options, or the IPv6 header, of an Ethernet frame begins, behind two VLANs at most; 0 without. */
// @ts-ignore: decorator
@inline
function headerOf(bytes: usize, captured: u32): u32 {
  let at: u32 = 12;
  let type = load<u16>(bytes, 12);
  while ((type === 0x0081 || type === 0xa888) && at < 20) {
    at += 4;
    type = load<u16>(bytes + at);
  }
  if (type === 0xdd86) return captured >= at + 54 ? at + 2 : 0;
  return type === 0x0008 && captured >= at + 34 && load<u8>(bytes + at, 2) === 0x45 ? at + 2 : 0;
}

/** Notes a packet; true where it was captured before. */
// @ts-ignore: decorator
@inline
export function isDuplicate(bytes: usize, captured: u32, wire: u32, time: f64, link: i32): bool {
  if (captured < 26) return false;
  // The fields of the headers that differ between packets of a flow, and the last bytes.
  const header = link === ETHERNET ? headerOf(bytes, captured) : 0;
  const own = header === 0 ? load<u64>(bytes, 18) : isIpv6(bytes + header) ? load<u64>(bytes + header, 44) : load<u64>(bytes + header, 24) ^ (<u64>load<u32>(bytes + header, 2) << 16);
  const print = own ^ rotl<u64>(load<u64>(bytes + captured - 8), 29);
  const found = hasTag(tags, print) && wasSeen(print, bytes, captured, wire, time, header);
  store<u16>(tags + (<usize>(count & (KEPT - 1)) << 1), <u16>print);
  const seen = seenAt(count++);
  seen.time = time;
  seen.print = print;
  seen.bytes = bytes;
  seen.captured = captured;
  seen.wire = wire;
  seen.header = header;
  return found;
}

/** Whether one of the prints whose tags stand at `at` has the same lower 16 bits. */
// @ts-ignore: decorator
@inline
export function hasTag(at: usize, print: u64): bool {
  const tag = i16x8.splat(<i16>print);
  const first = v128.or(v128.or(isTag(at, tag), isTag(at + 16, tag)), v128.or(isTag(at + 32, tag), isTag(at + 48, tag)));
  const second = v128.or(v128.or(isTag(at + 64, tag), isTag(at + 80, tag)), v128.or(isTag(at + 96, tag), isTag(at + 112, tag)));
  return v128.any_true(v128.or(first, second));
}

/** Of the eight prints at a place, those with that tag. */
// @ts-ignore: decorator
@inline
function isTag(at: usize, tag: v128): v128 {
  return i16x8.eq(v128.load(at), tag);
}

/** Looks at the packets before, the last one first. */
function wasSeen(print: u64, bytes: usize, captured: u32, wire: u32, time: f64, header: u32): bool {
  const last = min(count, KEPT);
  for (let back: u32 = 1; back <= last; back++) {
    const seen = seenAt(count - back);
    const since = time - seen.time;
    if (since > WITHIN || since < -WITHIN) return false;
    if (seen.print !== print || (seen.header === 0) !== (header === 0)) continue;
    const length = captured - header;
    if (seen.captured - seen.header !== length || seen.wire - seen.header !== wire - header) continue;
    if (seen.bytes !== 0 && (header === 0 ? memory.compare(seen.bytes, bytes, captured) !== 0 : !isCopy(seen.bytes, seen.bytes + seen.header, bytes, bytes + header, length))) continue;
    return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function isIpv6(header: usize): bool {
  return load<u8>(header) >> 4 === 6;
}

/** Whether two frames carry the same IP packet, with another TTL where a MAC is another too: probes of a path have the same. */
function isCopy(frame: usize, header: usize, otherFrame: usize, otherHeader: usize, length: u32): bool {
  if (load<u32>(header) !== load<u32>(otherHeader)) return false;
  const isRouted = load<u64>(frame) !== load<u64>(otherFrame) || load<u32>(frame, 8) !== load<u32>(otherFrame, 8);
  // TTL, protocol and checksum; next header and hop limit.
  if (isIpv6(header)) {
    if (load<u16>(header, 4) !== load<u16>(otherHeader, 4) || load<u8>(header, 6) !== load<u8>(otherHeader, 6)) return false;
    return (isRouted || load<u8>(header, 7) === load<u8>(otherHeader, 7)) && memory.compare(header + 8, otherHeader + 8, length - 8) === 0;
  }
  if (load<u32>(header, 4) !== load<u32>(otherHeader, 4) || load<u8>(header, 9) !== load<u8>(otherHeader, 9)) return false;
  return (isRouted || load<u8>(header, 8) === load<u8>(otherHeader, 8)) && memory.compare(header + 12, otherHeader + 12, length - 12) === 0;
}
