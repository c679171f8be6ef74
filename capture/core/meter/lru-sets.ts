import {reserve} from "./memory";

/**
 * Keys in sets of four, of which the least recently used gives way: bounded tables of what is remembered of many things.
 * A set begins with one cache line: an entry for each of its keys, the last used first. A line for each key follows, for
 * what more is remembered of it: in the same page, since finding another page takes as long as reading from it.
 */

const WAYS: u32 = 4;
const ENTRY_BYTES: usize = 16;
const ENTRIES_BYTES: usize = ENTRY_BYTES * <usize>WAYS;
/** What more is remembered of a key. */
const REST_BYTES: usize = 64;
const SET_BYTES: usize = ENTRIES_BYTES + <usize>WAYS * REST_BYTES;

/** A key: the upper half of it, which with its set tells it from all others but one in 70 million million. */
@unmanaged
export class Entry {
  tag: u32 = 0;
  /** Its place among the four, which it keeps when the entries change theirs. */
  way: u8 = 0;
  /** What it was taken in; entries of a generation before are free. */
  generation: u8 = 0;
}

@unmanaged
export class Sets {
  address: usize = 0;
  /** Sets less one: a power of two. */
  mask: u32 = 0;
  generation: u8 = 0;
  /** Keys that gave way. */
  evicted: f64 = 0;
}

export const SETS_BYTES: usize = offsetof<Sets>();

export function reserveSets(sets: Sets, count: u32): void {
  sets.address = reserve(<usize>count * SET_BYTES);
  sets.mask = count - 1;
  sets.generation = 1;
}

/** Forgets all keys. */
export function clearSets(sets: Sets): void {
  sets.evicted = 0;
  sets.generation++;
  if (sets.generation !== 0) return;
  memory.fill(sets.address, 0, (<usize>sets.mask + 1) * SET_BYTES);
  sets.generation = 1;
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

/** The key's entry; null without one. */
// @ts-ignore: decorator
@inline
export function find(sets: Sets, key: u64): Entry | null {
  const set = setOf(sets, key);
  const at = entryIn(sets, set, key);
  return at < set + ENTRIES_BYTES ? changetype<Entry>(at) : null;
}

/** Address of the key's entry in its set, or behind the last one's. */
// @ts-ignore: decorator
@inline
function entryIn(sets: Sets, set: usize, key: u64): usize {
  const tag = <u32>(key >> 32);
  const generation = sets.generation;
  let at = set;
  for (; at < set + ENTRIES_BYTES; at += ENTRY_BYTES) {
    const entry = changetype<Entry>(at);
    if (entry.tag === tag && entry.generation === generation) break;
  }
  return at;
}

/** The key's entry, now its set's first one; all zero beside its own fields where it is new. */
export function take(sets: Sets, key: u64): Entry {
  const set = setOf(sets, key);
  let at = entryIn(sets, set, key);
  if (at === set) return changetype<Entry>(set);
  if (at === set + ENTRIES_BYTES) at = renew(sets, set, key);
  const taken = v128.load(at);
  for (; at > set; at -= ENTRY_BYTES) v128.store(at, v128.load(at - ENTRY_BYTES));
  v128.store(set, taken);
  return changetype<Entry>(set);
}

/** Gives the last entry of a set to a key; its address. */
// @ts-ignore: decorator
@inline
function renew(sets: Sets, set: usize, key: u64): usize {
  const at = set + ENTRIES_BYTES - ENTRY_BYTES;
  const entry = changetype<Entry>(at);
  // A set never used: no two entries of others are at the same way.
  if (entry.way === changetype<Entry>(set).way) {
    for (let way: u32 = 0; way < WAYS; way++) changetype<Entry>(set + <usize>way * ENTRY_BYTES).way = <u8>way;
  }
  if (entry.generation === sets.generation) sets.evicted += 1;
  const way = entry.way;
  v128.store(at, i64x2.splat(0));
  entry.tag = <u32>(key >> 32);
  entry.way = way;
  entry.generation = sets.generation;
  return at;
}

/** Address of what more is remembered of a key: zero, or of a key before it, where its entry is new. */
// @ts-ignore: decorator
@inline
export function restOf(sets: Sets, key: u64, entry: Entry): usize {
  return setOf(sets, key) + ENTRIES_BYTES + <usize>entry.way * REST_BYTES;
}
