import {indexes, input, keys, levels, order} from "./memory";

/** Rows of one key up to which they are put in order in their place. */
const FEW: u32 = 64;
const DIGIT_BITS: u64 = 11;
const DIGITS: usize = 1 << 11;
const SIGN: u64 = 1 << 63;

/** By digit: where the next row with it goes. */
const places = memory.data(8192);

/**
 * Sorts the rows by their numbers in `input`, ascending, NULL (NaN) last; equal ones stay as they came. `isFirst`: the
 * first of the columns to sort by; another one sorts those rows that the columns before left equal. Whether any still
 * are: `levels` marks each that is equal to the row before it.
 */
export function sortRows<S>(rows: u32, isFirst: bool): bool {
  if (isFirst) {
    for (let i: u32 = 0; i < rows; i++) {
      store<u32>(at4(order, i), i);
      store<u32>(at4(levels, i), i > 0 ? 1 : 0);
    }
  }
  let ties: u32 = 0;
  for (let start: u32 = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && load<u32>(at4(levels, end)) !== 0) end++;
    if (end - start > 1) {
      for (let i = start; i < end; i++)
        store<u64>(at8(keys, i), keyOf<S>(load<S>(input + <usize>load<u32>(at4(order, i)) * sizeof<S>())));
      if (end - start > FEW) sortByDigits(start, end - start, rows);
      else insert(start, end);
      ties += markTies(start, end);
    }
    start = end;
  }
  return ties > 0;
}

/** A number of the same order as the value; NaN has that of infinity. */
// @ts-ignore: decorator
@inline
function keyOf<S>(value: S): u64 {
  if (isInteger<S>()) return <u64>value ^ SIGN;
  // Zeros of either sign are equal.
  const bits = reinterpret<u64>(value === value ? <f64>value + 0.0 : Infinity);
  return bits ^ (<u64>(<i64>bits >> 63) | SIGN);
}

function markTies(start: u32, end: u32): u32 {
  let ties: u32 = 0;
  for (let i = start + 1; i < end; i++) {
    const isTie: u32 = load<u64>(at8(keys, i)) === load<u64>(at8(keys, i - 1)) ? 1 : 0;
    store<u32>(at4(levels, i), isTie);
    ties += isTie;
  }
  return ties;
}

function insert(start: u32, end: u32): void {
  for (let i = start + 1; i < end; i++) {
    const key = load<u64>(at8(keys, i));
    const row = load<u32>(at4(order, i));
    let at = i;
    for (; at > start && load<u64>(at8(keys, at - 1)) > key; at--) {
      store<u64>(at8(keys, at), load<u64>(at8(keys, at - 1)));
      store<u32>(at4(order, at), load<u32>(at4(order, at - 1)));
    }
    store<u64>(at8(keys, at), key);
    store<u32>(at4(order, at), row);
  }
}

/** Least significant digit first, of the bits in which the keys differ. */
function sortByDigits(start: u32, count: u32, rows: u32): void {
  let from = at8(keys, start);
  let to = from + (<usize>rows << 3);
  let fromRows = at4(order, start);
  let toRows = at4(indexes, start);
  const first = load<u64>(from);
  let last = first;
  let differing: u64 = 0;
  let isSorted = true;
  for (let i: u32 = 1; i < count; i++) {
    const key = load<u64>(at8(from, i));
    if (key < last) isSorted = false;
    differing |= key ^ first;
    last = key;
  }
  if (isSorted) return;
  for (let shift = ctz(differing); shift < 64 && differing >> shift !== 0; shift += DIGIT_BITS) {
    if (((differing >> shift) & (DIGITS - 1)) === 0) continue;
    placeByDigit(from, fromRows, to, toRows, count, shift);
    const swapped = from;
    from = to;
    to = swapped;
    const swappedRows = fromRows;
    fromRows = toRows;
    toRows = swappedRows;
  }
  if (from === at8(keys, start)) return;
  memory.copy(to, from, <usize>count << 3);
  memory.copy(toRows, fromRows, <usize>count << 2);
}

function placeByDigit(from: usize, fromRows: usize, to: usize, toRows: usize, count: u32, shift: u64): void {
  memory.fill(places, 0, DIGITS << 2);
  for (let i: u32 = 0; i < count; i++) {
    const place = placeOf(load<u64>(at8(from, i)), shift);
    store<u32>(place, load<u32>(place) + 1);
  }
  let sum: u32 = 0;
  for (let digit: u32 = 0; digit < <u32>DIGITS; digit++) {
    const place = at4(places, digit);
    const rows = load<u32>(place);
    store<u32>(place, sum);
    sum += rows;
  }
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(at8(from, i));
    const place = placeOf(key, shift);
    const target = load<u32>(place);
    store<u32>(place, target + 1);
    store<u64>(at8(to, target), key);
    store<u32>(at4(toRows, target), load<u32>(at4(fromRows, i)));
  }
}

// @ts-ignore: decorator
@inline
function placeOf(key: u64, shift: u64): usize {
  return places + (((<usize>(key >> shift)) & (DIGITS - 1)) << 2);
}

// @ts-ignore: decorator
@inline
function at4(region: usize, i: u32): usize {
  return region + ((<usize>i) << 2);
}

// @ts-ignore: decorator
@inline
function at8(region: usize, i: u32): usize {
  return region + ((<usize>i) << 3);
}
