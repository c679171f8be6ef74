import {reserve} from "./memory";

/**
 * Recognises packets that were captured twice, by a mirror port or on several interfaces: the same bytes as one of the
 * sixteen packets before, within a millisecond (`editcap -w 0.001` finds the same). Of a packet in the batch before, whose
 * bytes are gone, its print decides alone.
 */
const KEPT: u32 = 16;
const WITHIN: f64 = 1000;

@unmanaged
class Seen {
  time: f64 = 0;
  print: u64 = 0;
  /** 0 where its bytes are gone. */
  bytes: usize = 0;
  captured: u32 = 0;
  wire: u32 = 0;
}

let ring: usize = 0;
let count: u32 = 0;

export function reserveDuplicates(): void {
  ring = reserve(<usize>KEPT * offsetof<Seen>());
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
  let found = false;
  const last = min(count, KEPT);
  for (let back: u32 = 1; back <= last; back++) {
    const seen = seenAt(count - back);
    const since = time - seen.time;
    if (since > WITHIN || since < -WITHIN) break;
    if (seen.print !== print || seen.captured !== captured || seen.wire !== wire) continue;
    if (seen.bytes !== 0 && memory.compare(seen.bytes, bytes, captured) !== 0) continue;
    found = true;
    break;
  }
  const seen = seenAt(count++);
  seen.time = time;
  seen.print = print;
  seen.bytes = bytes;
  seen.captured = captured;
  seen.wire = wire;
  return found;
}
