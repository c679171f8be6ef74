import {tunnelDepth} from "./decode/frame";
import {hasTag, KEPT, TAGS, WITHIN} from "./duplicates";
import {Packet} from "./layout";
import {reserve} from "./memory";

/**
 * Recognises copies of a packet inside a tunnel: one captured before and behind the tunnel's end, or in several tunnels, as
 * mirror ports wrap it. The innermost IP packet is the same as one of the 64 before, within a millisecond, but for TTL or
 * hop limit and checksum; copies without any tunnel are duplicates.ts's. A capture pays for it from its first packet in a
 * tunnel on.
 */

@unmanaged
class Inner {
  time: f64 = 0;
  print: u64 = 0;
  /** Where its IP header is; 0 where its bytes are gone. */
  header: usize = 0;
  /** Bytes of the IP packet, and how many of them are here. */
  total: u32 = 0;
  there: u32 = 0;
  /** Where in its frame it begins. */
  offset: u32 = 0;
  isInTunnel: u32 = 0;
}

/** Shortest packet that is compared: a header and what is said in it. */
const LEAST: u32 = 28;

let ring: usize = 0;
let tags: usize = 0;
let count: u32 = 0;
/** Whether there was a packet in a tunnel. */
let isOn: bool = false;

export function reserveTunnelCopies(): void {
  ring = reserve(<usize>KEPT * offsetof<Inner>());
  tags = reserve(TAGS);
}

/** Forgets all of the capture before. */
export function clearTunnelCopies(): void {
  count = 0;
  isOn = false;
}

/** Called where the bytes of the batch before are gone. */
export function beginTunnelCopies(): void {
  if (isOn) for (let i: u32 = 0; i < KEPT; i++) innerAt(i).header = 0;
}

// @ts-ignore: decorator
@inline
function innerAt(number: u32): Inner {
  return changetype<Inner>(ring + <usize>(number & (KEPT - 1)) * offsetof<Inner>());
}

/** Notes a frame's innermost packet; true where it was captured before, in another wrapping. */
// @ts-ignore: decorator
@inline
export function isTunnelCopy(packet: Packet, frame: usize, captured: u32, time: f64): bool {
  const isInTunnel = tunnelDepth() > 0;
  return isOn || isInTunnel ? wasWrapped(packet, frame, captured, time, isInTunnel) : false;
}

function wasWrapped(packet: Packet, frame: usize, captured: u32, time: f64, isInTunnel: bool): bool {
  isOn = true;
  const is4 = packet.version === 4;
  const header = packet.source - (is4 ? 12 : 8);
  const total = packet.ipBytes;
  const there = <u32>min<usize>(<usize>total, frame + captured - header);
  if (there < LEAST || (is4 && load<u8>(header) !== 0x45)) return false;
  // Version to fragment, or to next header; addresses; the last bytes.
  const head = load<u64>(header) & (is4 ? u64.MAX_VALUE : 0x00ffffffffffffff);
  const print = ((head ^ rotl<u64>(load<u64>(header + (is4 ? 12 : 16)), 17)) * 0x9e3779b97f4a7c15) ^ rotl<u64>(load<u64>(header + there - 8), 29);
  const found = hasTag(tags, print) && wasSeen(print, header, total, there, <u32>(header - frame), time, is4, isInTunnel);
  store<u16>(tags + (<usize>(count & (KEPT - 1)) << 1), <u16>print);
  const inner = innerAt(count++);
  inner.time = time;
  inner.print = print;
  inner.header = header;
  inner.total = total;
  inner.there = there;
  inner.offset = <u32>(header - frame);
  inner.isInTunnel = u32(isInTunnel);
  return found;
}

/** Looks at the packets before, the last one first. */
function wasSeen(print: u64, header: usize, total: u32, there: u32, offset: u32, time: f64, is4: bool, isInTunnel: bool): bool {
  const last = min(count, KEPT);
  for (let back: u32 = 1; back <= last; back++) {
    const seen = innerAt(count - back);
    if (abs(time - seen.time) > WITHIN) return false;
    if (seen.print !== print || seen.total !== total || seen.there !== there || (seen.isInTunnel === 0 && !isInTunnel)) continue;
    if (seen.header === 0 || isSame(seen.header, header, there, is4, seen.offset !== offset)) return true;
  }
  return false;
}

/** Whether two IP packets are the same; TTL or hop limit may differ where they stand at different places of their frames. */
function isSame(one: usize, other: usize, there: u32, is4: bool, isMoved: bool): bool {
  const hops = is4 ? 8 : 7;
  if (!isMoved && load<u8>(one + hops) !== load<u8>(other + hops)) return false;
  if (is4) return load<u64>(one) === load<u64>(other) && load<u8>(one, 9) === load<u8>(other, 9) && memory.compare(one + 12, other + 12, there - 12) === 0;
  return load<u32>(one) === load<u32>(other) && load<u16>(one, 4) === load<u16>(other, 4) && load<u8>(one, 6) === load<u8>(other, 6) && memory.compare(one + 8, other + 8, there - 8) === 0;
}
