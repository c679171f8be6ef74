import {reserve} from "../memory";

/**
 * Fragments of datagrams under way, by what they cover, to tell those that overlap: hosts differ in which of two bytes they
 * keep, so one that reads along is misled (Ptacek and Newsham 1998), and old ones crash (Teardrop). No sender makes them
 * (RFC 5722, RFC 8200 §4.5). Bounded: sets of four entries, of which the oldest gives way.
 *
 * The same fragment again is no overlap: at once it is a copy, later the identification is used anew, and what follows
 * is another datagram, as behind a datagram that is whole.
 */
const SETS: usize = 64;
const WAYS: usize = 4;
/** Fragments of a datagram that are remembered: enough for 65,535 bytes in pieces of 1,448. */
const MOST: u32 = 46;
/** A copy comes within this time; µs, as in duplicates.ts. */
const COPY: f64 = 1000;
/** Reassembly gives up behind it (Linux, `ipfrag_time`); µs. */
const LONGEST: f64 = 30e6;

@unmanaged
class Entry {
  tag: u64 = 0;
  /** Number of the fragment it was last written for; 0 while empty. */
  age: u64 = 0;
  begun: f64 = 0;
  count: u32 = 0;
  /** Bytes that have come, and how many the datagram has; 0 before its last fragment. */
  bytes: u32 = 0;
  whole: u32 = 0;
  /** 1 once an overlap of it was told. */
  isTold: u32 = 0;
}

const FRAGMENTS: usize = offsetof<Entry>();
const ENTRY_BYTES: usize = FRAGMENTS + <usize>MOST * 8;

let table: usize = 0;
let age: u64 = 0;
/** The fragment of the frame under way: its datagram, and where it begins and ends in that; 0 and 0 without. */
let tag: u64 = 0;
let from: u32 = 0;
let to: u32 = 0;
let isLast: bool = false;

export function reserveOverlaps(): void {
  table = reserve(SETS * WAYS * ENTRY_BYTES);
}

/** Forgets all of the capture before. */
export function clearOverlaps(): void {
  memory.fill(table, 0, SETS * WAYS * ENTRY_BYTES);
  age = 0;
  to = 0;
}

/** Remembers the fragment being decoded. */
export function foundFragment(its: u64, offset: u32, length: u32, more: bool): void {
  tag = its;
  from = offset << 3;
  to = from + length;
  isLast = !more;
}

/** Whether the frame just decoded has one. */
// @ts-ignore: decorator
@inline
export function hasFragment(): bool {
  return to !== 0;
}

/** Takes the fragment just found; how many bytes it has in common with others of its datagram, which is told once. */
export function takeFragment(time: f64): u32 {
  const end = to;
  to = 0;
  const entry = entryOf();
  if (entry.count === 0 || time - entry.begun > LONGEST || time < entry.begun) begin(entry, time);
  const fragments = changetype<usize>(entry) + FRAGMENTS;
  let common: u32 = 0;
  let isKnown = false;
  for (let i: u32 = 0; i < entry.count; i++) {
    const otherFrom = load<u32>(fragments + (<usize>i << 3));
    const otherTo = load<u32>(fragments + (<usize>i << 3), 4);
    if (otherFrom === from && otherTo === end) isKnown = true;
    else if (from < otherTo && otherFrom < end) common += min(end, otherTo) - max(from, otherFrom);
  }
  if (isKnown && time - entry.begun <= COPY) return 0;
  if (isKnown || (entry.whole !== 0 && entry.bytes >= entry.whole)) {
    begin(entry, time);
    common = 0;
  }
  if (entry.count < MOST) {
    const at = fragments + (<usize>entry.count << 3);
    store<u32>(at, from);
    store<u32>(at, end, 4);
    entry.count++;
  }
  entry.bytes += end - from - min(common, end - from);
  if (isLast) entry.whole = end;
  if (common === 0 || entry.isTold !== 0) return 0;
  entry.isTold = 1;
  return common;
}

function begin(entry: Entry, time: f64): void {
  entry.begun = time;
  entry.count = 0;
  entry.bytes = 0;
  entry.whole = 0;
  entry.isTold = 0;
}

function entryOf(): Entry {
  const set = table + (<usize>tag & (SETS - 1)) * WAYS * ENTRY_BYTES;
  let oldest = changetype<Entry>(set);
  for (let way: usize = 0; way < WAYS; way++) {
    const entry = changetype<Entry>(set + way * ENTRY_BYTES);
    if (entry.age !== 0 && entry.tag === tag) {
      entry.age = ++age;
      return entry;
    }
    if (entry.age < oldest.age) oldest = entry;
  }
  oldest.tag = tag;
  oldest.age = ++age;
  oldest.count = 0;
  return oldest;
}
