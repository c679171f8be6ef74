import {clearSets, Entry, find, readSet, reserveSets, restOf, Sets, SETS_BYTES, take} from "./lru-sets";

/** The last flows of a source to a destination's port: how regularly they start, and whether they carry as much. */

const PAIR_SETS: u32 = 1 << 15;
/** Intervals between starts: with the one to the start under way, those of twelve starts before it. */
const INTERVALS: u32 = 11;
const SIZES: u32 = 6;
/**
 * Beside a pair's entry, in one cache line: intervals between the starts before the last one (f32, µs), as a ring; payloads
 * of ended flows (16 bits tell them apart), as a ring. Most pairs have one flow only, and no use for it.
 */
const PAYLOADS: usize = <usize>INTERVALS * 4;

/** How the rings stand: values so far, at most as many as they take (one start more), and above where the next one goes. */
@unmanaged
class Pair extends Entry {
  starts: u8 = 0;
  ends: u8 = 0;
  /** The last start, in µs. */
  last: f64 = 0;
}

/** Bits of a count; the place of the next value stands above them. */
const COUNT_BITS: u32 = 4;
const COUNT: u32 = (1 << COUNT_BITS) - 1;

const sets = changetype<Sets>(memory.data(<i32>SETS_BYTES, 8));

export function reservePairs(): void {
  reserveSets(sets, PAIR_SETS);
}

export function clearPairs(): void {
  clearSets(sets);
}

/** Pairs that gave way to others. */
export function pairsEvicted(): f64 {
  return sets.evicted;
}

// @ts-ignore: decorator
@inline
export function readPairSet(key: u64): u64 {
  return readSet(sets, key);
}

/** Reads a pair's rings if it has any, so that they are there when they are needed. */
// @ts-ignore: decorator
@inline
export function readPair(key: u64): u64 {
  const entry = find(sets, key);
  return entry === null ? 0 : load<u64>(ringsOf(key, changetype<Pair>(entry)));
}

/**
 * Notes a start and writes three features: mean (s) and coefficient of variation of the intervals between the pair's
 * last starts and this one, -1 below three; share of the last ended flows with as much payload as the last one, -1
 * below two. True for the pair's first one.
 */
export function noteStartOfPair(key: u64, time: f64, interval: usize, share: usize): bool {
  const pair = changetype<Pair>(take(sets, key));
  const ring = ringsOf(key, pair);
  const starts = <u32>pair.starts & COUNT;
  const now = <f32>(time - pair.last);
  pair.last = time;
  noteIntervals(ring, starts, now, interval);
  store<f32>(share, sameSizeShare(pair, ring + PAYLOADS));
  if (starts === 0) {
    pair.starts = 1;
    return true;
  }
  const next = <u32>pair.starts >> COUNT_BITS;
  store<f32>(ring + (<usize>next << 2), now);
  pair.starts = <u8>(min(starts + 1, INTERVALS + 1) | (afterOf(next, INTERVALS) << COUNT_BITS));
  return false;
}

/** Mean and coefficient of variation of the intervals kept and the one to now. Their order does not matter. */
function noteIntervals(ring: usize, starts: u32, now: f32, row: usize): void {
  let mean: f64 = -1;
  let variation: f64 = -1;
  if (starts >= 3) {
    const kept = starts - 1;
    let sum: f64 = <f64>now;
    for (let i: u32 = 0; i < kept; i++) sum += <f64>load<f32>(ring + (<usize>i << 2));
    mean = sum / <f64>starts;
    let squares = (<f64>now - mean) * (<f64>now - mean);
    for (let i: u32 = 0; i < kept; i++) {
      const off = <f64>load<f32>(ring + (<usize>i << 2)) - mean;
      squares += off * off;
    }
    variation = mean > 0 ? Math.sqrt(squares / <f64>starts) / mean : 0;
    mean = max<f64>(mean, 0) / 1e6;
  }
  store<f32>(row, <f32>mean);
  store<f32>(row, <f32>variation, 4);
}

/** Notes the payload (bytes) of a flow of the pair that has ended, unless the pair gave way meanwhile. */
export function noteEndOfPair(key: u64, payload: f64): void {
  const entry = find(sets, key);
  if (entry === null) return;
  const pair = changetype<Pair>(entry);
  const next = <u32>pair.ends >> COUNT_BITS;
  store<u16>(ringsOf(key, pair) + PAYLOADS + (<usize>next << 1), tagOf(payload));
  pair.ends = <u8>(min((<u32>pair.ends & COUNT) + 1, SIZES) | (afterOf(next, SIZES) << COUNT_BITS));
}

/** The place after that one in a ring. */
// @ts-ignore: decorator
@inline
function afterOf(place: u32, size: u32): u32 {
  return place + 1 === size ? 0 : place + 1;
}

/** Payloads below 64 KiB as they are; above, their upper bits are mixed in. */
// @ts-ignore: decorator
@inline
function tagOf(payload: f64): u16 {
  const bytes = <u64>payload;
  return <u16>(bytes ^ ((bytes >> 16) * 0x9e37));
}

function sameSizeShare(pair: Pair, sizes: usize): f32 {
  const count = <u32>pair.ends & COUNT;
  if (count < 2) return -1;
  const next = <u32>pair.ends >> COUNT_BITS;
  const last = load<u16>(sizes + (<usize>(next === 0 ? SIZES - 1 : next - 1) << 1));
  let same: u32 = 0;
  for (let i: u32 = 0; i < count; i++) if (load<u16>(sizes + (<usize>i << 1)) === last) same++;
  return <f32>same / <f32>count;
}

// @ts-ignore: decorator
@inline
function ringsOf(key: u64, pair: Pair): usize {
  return restOf(sets, key, pair);
}
