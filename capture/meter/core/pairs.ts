import {besideOf, clearSets, isPlaceOf, placeOf, readSet, reserveSets, Sets, SETS_BYTES, takePlace, WAYS} from "./lru-sets";
import {reserve} from "./memory";

/** The last flows of a source to a destination's port: how regularly they start, and whether they carry as much. */

const PAIR_SETS: u32 = 1 << 15;
const STARTS: u32 = 12;
const SIZES: u32 = 6;
/** Of a pair six payloads of ended flows (f32, bytes), then twelve times of starts (f64, µs), each as a ring. */
const PAIR_BYTES: usize = 128;
const TIMES: usize = <usize>SIZES * 4;

/** How the rings stand: values so far, at most as many as they take, and where the next one goes. */
@unmanaged
class Pair {
  starts: u8 = 0;
  nextStart: u8 = 0;
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
  ahead = load<u32>(ringsOf(place)) + load<u32>(ringsOf(place), 64);
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
  const times = ringsOf(place) + TIMES;
  const count = <u32>pair.starts;
  const next = <u32>pair.nextStart;
  let mean: f64 = -1;
  let variation: f64 = -1;
  if (count >= 3) {
    let at = count < STARTS ? 0 : next;
    let before = load<f64>(times + (<usize>at << 3));
    mean = (time - before) / <f64>count;
    let squares: f64 = 0;
    for (let i: u32 = 1; i <= count; i++) {
      at = at + 1 === STARTS ? 0 : at + 1;
      const after = i === count ? time : load<f64>(times + (<usize>at << 3));
      squares += (after - before - mean) * (after - before - mean);
      before = after;
    }
    variation = mean > 0 ? Math.sqrt(squares / <f64>count) / mean : 0;
    mean = max<f64>(mean, 0) / 1e6;
  }
  store<f32>(interval, <f32>mean);
  store<f32>(interval, <f32>variation, 4);
  store<f32>(share, sameSizeShare(pair, ringsOf(place)));
  store<f64>(times + (<usize>next << 3), time);
  pair.nextStart = <u8>(next + 1 === STARTS ? 0 : next + 1);
  if (count < STARTS) pair.starts++;
  return count === 0;
}

/** Notes the payload (bytes) of a flow of the pair that has ended, unless the pair gave way meanwhile. */
export function noteEndOfPair(key: u64, place: u32, payload: f64): void {
  if (!isPlaceOf(sets, key, place)) return;
  const pair = changetype<Pair>(besideOf(sets, place));
  const next = <u32>pair.nextEnd;
  store<f32>(ringsOf(place) + (<usize>next << 2), <f32>payload);
  pair.nextEnd = <u8>(next + 1 === SIZES ? 0 : next + 1);
  if (<u32>pair.ends < SIZES) pair.ends++;
}

function sameSizeShare(pair: Pair, sizes: usize): f32 {
  const count = <u32>pair.ends;
  if (count < 2) return -1;
  const last = load<f32>(sizes + (<usize>(<u32>pair.nextEnd === 0 ? SIZES - 1 : <u32>pair.nextEnd - 1) << 2));
  let same: u32 = 0;
  for (let i: u32 = 0; i < count; i++) if (load<f32>(sizes + (<usize>i << 2)) === last) same++;
  return <f32>same / <f32>count;
}

// @ts-ignore: decorator
@inline
function ringsOf(place: u32): usize {
  return pairs + <usize>place * PAIR_BYTES;
}
