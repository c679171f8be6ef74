import {besideOf, clearSets, isPlaceOf, placeOf, readSet, reserveSets, Sets, SETS_BYTES, takePlace, WAYS} from "./lru-sets";
import {reserve} from "./memory";

/** The last flows of a source to a destination's port: how regularly they start, and whether they carry as much. */

const PAIR_SETS: u32 = 1 << 15;
/** Intervals between starts: with the one to the start under way, those of twelve starts before it. */
const INTERVALS: u32 = 11;
const SIZES: u32 = 6;
/**
 * Of a pair, in one cache line: the last start (f64, µs); intervals between the starts before it (f32, µs), as a ring;
 * payloads of ended flows (16 bits tell them apart), as a ring.
 */
const PAIR_BYTES: usize = 64;
const TIMES: usize = 8;
const PAYLOADS: usize = TIMES + <usize>INTERVALS * 4;

/** How the rings stand: values so far, at most as many as they take (one start more), and where the next one goes. */
@unmanaged
class Pair {
  starts: u8 = 0;
  nextInterval: u8 = 0;
  ends: u8 = 0;
  nextEnd: u8 = 0;
}

const sets = changetype<Sets>(memory.data(<i32>SETS_BYTES, 8));
let pairs: usize = 0;

export function reservePairs(): void {
  reserveSets(sets, PAIR_SETS);
  pairs = reserve(<usize>(PAIR_SETS * WAYS) * PAIR_BYTES);
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

/** Place of a pair as it is now; its rings are read, so that they are there when they are needed. */
// @ts-ignore: decorator
@inline
export function readPair(key: u64): u32 {
  const place = placeOf(sets, key);
  ahead = load<u32>(ringsOf(place));
  return place;
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u32 = 0;

/**
 * Notes a start and writes three features: mean (s) and coefficient of variation of the intervals between the pair's
 * last starts and this one, -1 below three; share of the last ended flows with as much payload as the last one, -1
 * below two. `likely`: its place as it was a moment ago. True for the pair's first one.
 */
export function noteStartOfPair(key: u64, likely: u32, time: f64, interval: usize, share: usize): bool {
  const place = isPlaceOf(sets, key, likely) ? likely : placeOf(sets, key);
  takePlace(sets, key, place);
  const pair = changetype<Pair>(besideOf(sets, place));
  const ring = ringsOf(place);
  const starts = <u32>pair.starts;
  const now = <f32>(time - load<f64>(ring));
  noteIntervals(ring + TIMES, starts, now, interval);
  store<f32>(share, sameSizeShare(pair, ring + PAYLOADS));
  store<f64>(ring, time);
  if (starts > 0) {
    const next = <u32>pair.nextInterval;
    store<f32>(ring + TIMES + (<usize>next << 2), now);
    pair.nextInterval = <u8>(next + 1 === INTERVALS ? 0 : next + 1);
  }
  if (starts <= INTERVALS) pair.starts++;
  return starts === 0;
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
export function noteEndOfPair(key: u64, place: u32, payload: f64): void {
  if (!isPlaceOf(sets, key, place)) return;
  const pair = changetype<Pair>(besideOf(sets, place));
  const next = <u32>pair.nextEnd;
  store<u16>(ringsOf(place) + PAYLOADS + (<usize>next << 1), tagOf(payload));
  pair.nextEnd = <u8>(next + 1 === SIZES ? 0 : next + 1);
  if (<u32>pair.ends < SIZES) pair.ends++;
}

/** Payloads below 64 KiB as they are; above, their upper bits are mixed in. */
// @ts-ignore: decorator
@inline
function tagOf(payload: f64): u16 {
  const bytes = <u64>payload;
  return <u16>(bytes ^ ((bytes >> 16) * 0x9e37));
}

function sameSizeShare(pair: Pair, sizes: usize): f32 {
  const count = <u32>pair.ends;
  if (count < 2) return -1;
  const last = load<u16>(sizes + (<usize>(<u32>pair.nextEnd === 0 ? SIZES - 1 : <u32>pair.nextEnd - 1) << 1));
  let same: u32 = 0;
  for (let i: u32 = 0; i < count; i++) if (load<u16>(sizes + (<usize>i << 1)) === last) same++;
  return <f32>same / <f32>count;
}

// @ts-ignore: decorator
@inline
function ringsOf(place: u32): usize {
  return pairs + <usize>place * PAIR_BYTES;
}
