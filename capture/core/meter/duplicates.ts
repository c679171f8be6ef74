import {reserve} from "./memory";

/**
 * Recognises packets that were captured twice, by a mirror port or on several interfaces: the same bytes as one of the
 * 64 packets before, within a millisecond (`editcap -w 0.001` finds the same): a capture from several interfaces hands
 * packets on in bursts. Of a packet in the batch before, whose bytes are gone, its print decides alone.
 *
 * Nearly every packet is none of these. The lower 16 bits of the prints lie side by side, so that eight vector comparisons
 * without a branch tell so; only where one is equal the packets are looked at.
 */
const KEPT: u32 = 64;
const WITHIN: f64 = 1000;

@unmanaged
class Seen {
  time: f64 = 0;
  print: u64 = 0;
  /** 0 where its bytes are gone. */
  bytes: usize = 0;
  captured: u32 = 0;
  wire: u32 = 0;
  unused: u32 = 0;
}

let ring: usize = 0;
/** By place in the ring the lower 16 bits of its print. */
let tags: usize = 0;
let count: u32 = 0;

export function reserveDuplicates(): void {
  ring = reserve(<usize>KEPT * offsetof<Seen>());
  tags = reserve(<usize>KEPT * 2);
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

/** Notes a packet; true where it was captured before. */
// @ts-ignore: decorator
@inline
export function isDuplicate(bytes: usize, captured: u32, wire: u32, time: f64): bool {
  if (captured < 26) return false;
  // The fields of the headers that differ between packets of a flow, and the last bytes.
  const print = load<u64>(bytes, 18) ^ rotl<u64>(load<u64>(bytes + captured - 8), 29);
  const tag = i16x8.splat(<i16>print);
  const first = v128.or(v128.or(isTag(0, tag), isTag(16, tag)), v128.or(isTag(32, tag), isTag(48, tag)));
  const second = v128.or(v128.or(isTag(64, tag), isTag(80, tag)), v128.or(isTag(96, tag), isTag(112, tag)));
  const found = v128.any_true(v128.or(first, second)) && wasSeen(print, bytes, captured, wire, time);
  store<u16>(tags + (<usize>(count & (KEPT - 1)) << 1), <u16>print);
  const seen = seenAt(count++);
  seen.time = time;
  seen.print = print;
  seen.bytes = bytes;
  seen.captured = captured;
  seen.wire = wire;
  return found;
}

/** Of the eight prints at a place, those with that tag. */
// @ts-ignore: decorator
@inline
function isTag(place: usize, tag: v128): v128 {
  return i16x8.eq(v128.load(tags + place), tag);
}

/** Looks at the packets before, the last one first. */
function wasSeen(print: u64, bytes: usize, captured: u32, wire: u32, time: f64): bool {
  const last = min(count, KEPT);
  for (let back: u32 = 1; back <= last; back++) {
    const seen = seenAt(count - back);
    const since = time - seen.time;
    if (since > WITHIN || since < -WITHIN) return false;
    if (seen.print !== print || seen.captured !== captured || seen.wire !== wire) continue;
    if (seen.bytes !== 0 && memory.compare(seen.bytes, bytes, captured) !== 0) continue;
    return true;
  }
  return false;
}
