/**
 * The module's linear memory: regions of fixed size from the heap's base upward, then the flow rows, which alone grow.
 * Pages that were never touched cost no resident memory, so regions are reserved for the largest table allowed.
 */

const PAGE: usize = 65536;

let top: usize = 0;

/** Reserves zeroed bytes for good, aligned to 64 (a cache line); address of the first. */
export function reserve(bytes: usize): usize {
  if (top === 0) top = (__heap_base + 63) & ~63;
  const start = top;
  top = (start + bytes + 63) & ~63;
  ensure(top);
  return start;
}

/** Makes memory up to `end` accessible; traps when the host refuses. */
export function ensure(end: usize): void {
  const have = <usize>memory.size() * PAGE;
  if (end <= have) return;
  if (memory.grow(<i32>((end - have + PAGE - 1) / PAGE)) < 0) unreachable();
}

/** Zeroes whole cache lines. A call of `memory.fill` leaves the module and takes longer. */
// @ts-ignore: decorator
@inline
export function zero(start: usize, size: usize): void {
  const nothing = i64x2.splat(0);
  for (let at = start; at < start + size; at += 64) {
    v128.store(at, nothing);
    v128.store(at, nothing, 16);
    v128.store(at, nothing, 32);
    v128.store(at, nothing, 48);
  }
}

/** Where the next region would begin: the rows grow from here. */
export function end(): usize {
  if (top === 0) top = (__heap_base + 63) & ~63;
  return top;
}

/** Bytes of the arena: room for what is read of payloads. */
export const ARENA_BYTES: usize = 256 << 20;
/** Bytes for what is known of a live flow's payloads. */
export const READING_BYTES: usize = 32;

/** Where the arena begins, and the bytes of the live flows, by slot. */
export let arena: usize = 0;
export let readings: usize = 0;

/** Reserves room for whoever reads payloads. */
export function reserveReadings(maxFlows: i32): void {
  readings = reserve(<usize>maxFlows * READING_BYTES);
  arena = reserve(ARENA_BYTES);
}
