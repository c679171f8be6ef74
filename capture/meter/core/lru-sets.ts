import {reserve} from "./memory";

/**
 * Keys in sets of four, of which the least recently used gives way: bounded tables of what is remembered of many things.
 * A set is one cache line: its keys, when each was last used, and four bytes beside each; what more is remembered stands
 * at the key's place in a region of the caller's.
 */

export const WAYS: u32 = 4;
const USES: usize = 32;
const BESIDES: usize = 48;
const SET_BYTES: usize = 64;
/** Uses are numbered so far; then all is forgotten once. */
const MOST_USES: u32 = 0xffffffff;

@unmanaged
export class Sets {
  address: usize = 0;
  /** Sets less one: a power of two. */
  mask: u32 = 0;
  uses: u32 = 0;
  /** Uses up to this one were of captures before: such places are free. */
  before: u32 = 0;
  /** Keys that gave way. */
  evicted: f64 = 0;
}

export const SETS_BYTES: usize = offsetof<Sets>();

export function reserveSets(sets: Sets, count: u32): void {
  sets.address = reserve(<usize>count * SET_BYTES);
  sets.mask = count - 1;
}

/** Forgets all keys. */
export function clearSets(sets: Sets): void {
  sets.before = sets.uses;
  sets.evicted = 0;
}

// @ts-ignore: decorator
@inline
function setOf(sets: Sets, key: u64): usize {
  return sets.address + <usize>(<u32>key & sets.mask) * SET_BYTES;
}

/** Reads a key's set, so that it is there when it is needed. */
// @ts-ignore: decorator
@inline
export function readSet(sets: Sets, key: u64): u64 {
  return load<u64>(setOf(sets, key));
}

/** The place that a key has, or would take from the least recently used one of its set. */
export function placeOf(sets: Sets, key: u64): u32 {
  const set = setOf(sets, key);
  const before = sets.before;
  let oldest: u32 = 0;
  let least: u32 = MOST_USES;
  for (let way: u32 = 0; way < WAYS; way++) {
    const used = load<u32>(set + (<usize>way << 2), USES);
    if (load<u64>(set + (<usize>way << 3)) === key && used > before) {
      oldest = way;
      break;
    }
    if (used < least) {
      oldest = way;
      least = used;
    }
  }
  return (<u32>key & sets.mask) * WAYS + oldest;
}

/** True where the place is that key's. */
// @ts-ignore: decorator
@inline
export function isPlaceOf(sets: Sets, key: u64, place: u32): bool {
  const set = setOf(sets, key);
  const way = <usize>(place & (WAYS - 1));
  return load<u64>(set + (way << 3)) === key && load<u32>(set + (way << 2), USES) > sets.before;
}

/** Gives a key its place (`placeOf`); what stands beside a new key is 0. */
export function takePlace(sets: Sets, key: u64, place: u32): void {
  const set = setOf(sets, key);
  const way = <usize>(place & (WAYS - 1));
  if (!isPlaceOf(sets, key, place)) {
    if (load<u32>(set + (way << 2), USES) > sets.before) sets.evicted += 1;
    store<u64>(set + (way << 3), key);
    store<u32>(set + (way << 2), 0, BESIDES);
  }
  if (sets.uses === MOST_USES) {
    memory.fill(sets.address, 0, (<usize>sets.mask + 1) * SET_BYTES);
    sets.uses = sets.before = 0;
    store<u64>(set + (way << 3), key);
  }
  sets.uses++;
  store<u32>(set + (way << 2), sets.uses, USES);
}

/** Address of the four bytes beside the key that has a place. */
// @ts-ignore: decorator
@inline
export function besideOf(sets: Sets, place: u32): usize {
  return sets.address + <usize>(place / WAYS) * SET_BYTES + (<usize>(place & (WAYS - 1)) << 2) + BESIDES;
}
