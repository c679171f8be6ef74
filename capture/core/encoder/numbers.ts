import {beginColumn, bounds, DELTA_BINARY_PACKED, endPage, endPageOf, noteNull, setBounds, setNulls, writeIndexes, writeLevels} from "./column";
import {writeDeltas} from "./deltas";
import {clearSlots, FIRST_MASK, growSlots, hash, isKey, numberAt, setSlot} from "./dictionary";
import {cells, indexes, input, keys, levels, order, texts} from "./memory";

/** Share of distinct values above which a dictionary does not pay, and the most it may have. */
const ONE_IN: u32 = 4;
const LEAST_LIMIT: u32 = 16;
const MOST_DISTINCT: u32 = 1 << 16;

/** Numbers of type S as Parquet's type T; NaN is NULL. `isOrdered`: by `order`, from its row `from` on. */
export function encodeNumbers<S, T>(from: u32, count: u32, isOrdered: bool): void {
  // Floating numbers that become whole ones are told apart as they are: only the distinct ones are then converted. Two that
  // become the same one (zeros of either sign) both stand in the dictionary.
  if (isFloat<S>() && isInteger<T>()) encodeAs<S, S, T>(from, count, isOrdered);
  else encodeAs<S, T, T>(from, count, isOrdered);
}

/** Numbers of type S, told apart as ones of type K. */
// @ts-ignore: decorator
@inline
function encodeAs<S, K, T>(from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  const values = gather<S, K>(from, count, isOrdered);
  const limit = min<u32>(count / ONE_IN + LEAST_LIMIT, MOST_DISTINCT);
  const distinct = sizeof<K>() === 4 ? index<u32>(values, limit) : index<u64>(values, limit);
  if (distinct > 0) {
    const bytes = <usize>distinct * sizeof<T>();
    convert<K, T>(keys, texts, <u32>distinct);
    findBounds<T>(texts, <u32>distinct);
    writeIndexes(count, distinct, <u32>bytes);
    return;
  }
  if (isFloat<K>() && isInteger<T>()) convert<K, T>(cells, cells, values);
  findBounds<T>(cells, values);
  const at = writeLevels(count);
  if (isInteger<T>() && sizeof<T>() === 8) {
    const end = writeDeltas(cells, values, at);
    if (end !== 0) return endPageOf(DELTA_BINARY_PACKED, end);
  }
  const bytes = <usize>values * sizeof<T>();
  memory.copy(at, cells, bytes);
  endPage(at + bytes);
}

/** Numbers of type K as ones of type T, which is no wider: also in their place. */
function convert<K, T>(from: usize, to: usize, count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) store<T>(to + i * sizeof<T>(), <T>load<K>(from + i * sizeof<K>()));
}

/** Numbers of type S as booleans, eight in a byte; 0 is false, NaN is NULL. */
export function encodeBooleans<S>(from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  const values = gather<S, i32>(from, count, isOrdered);
  const at = writeLevels(count);
  const bytes = (values + 7) >> 3;
  memory.fill(at, 0, bytes);
  for (let i: u32 = 0; i < values; i++) {
    const byte = at + <usize>(i >> 3);
    if (load<i32>(cells + ((<usize>i) << 2)) !== 0) store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(i & 7)));
  }
  endPage(at + <usize>bytes);
}

/**
 * Numbers the distinct values of `cells` in the order of their first appearance: `indexes` by value, `keys` by number;
 * they are told apart by their bits (U). How many there are, -1 where more than `limit`.
 */
function index<U>(count: u32, limit: u32): i32 {
  if (count === 0) return 0;
  let mask = FIRST_MASK;
  clearSlots<U>(mask);
  let distinct: u32 = 0;
  // Another than the first value, so that this one is looked up.
  let last = ~load<U>(cells);
  let lastIndex: u32 = 0;
  let from = cells;
  let to = indexes;
  const end = cells + <usize>count * sizeof<U>();
  while (from < end) {
    // Four values that are all the last one: half of the columns have few others.
    if (end - from >= 4 * sizeof<U>() && isFour<U>(from, last)) {
      v128.store(to, i32x4.splat(<i32>lastIndex));
      from += 4 * sizeof<U>();
      to += 16;
      continue;
    }
    const four = min<usize>(end, from + 4 * sizeof<U>());
    for (; from < four; from += sizeof<U>()) {
      const value = load<U>(from);
      if (value !== last) {
        let slot = hash<U>(value) & mask;
        let found = numberAt<U>(slot);
        while (found !== 0 && !isKey<U>(slot, found, value)) {
          slot = (slot + 1) & mask;
          found = numberAt<U>(slot);
        }
        if (found === 0) {
          if (distinct === limit) return -1;
          store<U>(keys + <usize>distinct * sizeof<U>(), value);
          found = ++distinct;
          setSlot<U>(slot, found, value);
          if (distinct * 2 > mask) mask = growSlots<U>(mask, distinct);
        }
        last = value;
        lastIndex = found - 1;
      }
      store<u32>(to, lastIndex);
      to += 4;
    }
  }
  return <i32>distinct;
}

/** Whether four values are equal to another. */
// @ts-ignore: decorator
@inline
function isFour<U>(from: usize, value: U): bool {
  if (sizeof<U>() === 4) return i32x4.all_true(i32x4.eq(v128.load(from), i32x4.splat(<i32>value)));
  const all = i64x2.splat(<i64>value);
  return i64x2.all_true(v128.and(i64x2.eq(v128.load(from), all), i64x2.eq(v128.load(from, 16), all)));
}

/** Brings the rows in order into `cells` without the NULLs; how many there are. */
function gather<S, T>(from: u32, count: u32, isOrdered: bool): u32 {
  return isOrdered ? gatherRows<S, T>(from, count, true) : gatherRows<S, T>(from, count, false);
}

// @ts-ignore: decorator
@inline
function gatherRows<S, T>(from: u32, count: u32, isOrdered: bool): u32 {
  let to = cells;
  let i: u32 = 0;
  // Most columns have no NULL.
  for (; i < count; i++) {
    const number = numberOf<S>(from + i, isOrdered);
    if (isFloat<S>() && number !== number) break;
    store<T>(to, <T>number);
    to += sizeof<T>();
  }
  if (i === count) return count;
  noteNull(i);
  for (i++; i < count; i++) {
    const number = numberOf<S>(from + i, isOrdered);
    const isValue = number === number;
    store<u32>(levels + ((<usize>i) << 2), <u32>isValue);
    if (!isValue) continue;
    store<T>(to, <T>number);
    to += sizeof<T>();
  }
  const values = <u32>((to - cells) / sizeof<T>());
  setNulls(count - values);
  return values;
}

/** The number of a row of the file. */
// @ts-ignore: decorator
@inline
function numberOf<S>(i: u32, isOrdered: bool): S {
  const row = isOrdered ? load<u32>(order + ((<usize>i) << 2)) : i;
  return load<S>(input + <usize>row * sizeof<S>());
}

/** Least and greatest of `count` numbers into `bounds`. */
function findBounds<T>(at: usize, count: u32): void {
  setBounds(count > 0);
  if (count === 0) return;
  let least = load<T>(at);
  let greatest = least;
  for (let i: u32 = 1; i < count; i++) {
    const value = load<T>(at + <usize>i * sizeof<T>());
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  // The format's rule for zeros of either sign: a bound of zero includes both.
  if (isFloat<T>()) {
    if (least === 0) least = <T>-0.0;
    if (greatest === 0) greatest = <T>0.0;
  }
  store<T>(bounds, least);
  store<T>(bounds, greatest, 8);
}
