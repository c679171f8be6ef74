import {beginColumn, bounds, DELTA_BINARY_PACKED, endPage, endPageOf, noteNull, noteValue, nulls, setBounds, writeIndexes, writeLevels} from "./column";
import {writeDeltas} from "./deltas";
import {growSlots, hash, FIRST_MASK} from "./dictionary";
import {cells, indexes, input, keys, order, slots, texts} from "./memory";

/** Share of distinct values above which a dictionary does not pay, and the most it may have. */
const ONE_IN: u32 = 4;
const LEAST_LIMIT: u32 = 16;
const MOST_DISTINCT: u32 = 1 << 16;

/** Numbers of type S as Parquet's type T; NaN is NULL. `isOrdered`: by `order`, from its row `from` on. */
export function encodeNumbers<S, T>(from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  const limit = min<u32>(count / ONE_IN + LEAST_LIMIT, MOST_DISTINCT);
  const distinct = sizeof<T>() === 4 ? index<S, T, u32>(from, count, isOrdered, limit) : index<S, T, u64>(from, count, isOrdered, limit);
  if (distinct > 0) {
    const bytes = <usize>distinct * sizeof<T>();
    memory.copy(texts, keys, bytes);
    findBounds<T>(keys, <u32>distinct);
    writeIndexes(count, distinct, <u32>bytes);
    return;
  }
  beginColumn();
  const values = gather<S, T>(from, count, isOrdered);
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
 * Numbers the distinct values in the order of their first appearance: `indexes` by value, `keys` by number; they are
 * told apart by their bits (U). How many there are, -1 where more than `limit`.
 */
function index<S, T, U>(from: u32, count: u32, isOrdered: bool, limit: u32): i32 {
  let mask = FIRST_MASK;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  let distinct: u32 = 0;
  let to = indexes;
  let last: U = 0;
  let lastIndex: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const number = load<S>(input + <usize>row * sizeof<S>());
    if (isFloat<S>()) {
      if (number !== number) {
        noteNull(i);
        continue;
      }
    }
    noteValue(i);
    const value = bitsOf<T, U>(<T>number);
    if (value !== last || distinct === 0) {
      let slot = hash<U>(value) & mask;
      let found = load<u32>(slots + ((<usize>slot) << 2));
      while (found !== 0 && load<U>(keys + <usize>(found - 1) * sizeof<U>()) !== value) {
        slot = (slot + 1) & mask;
        found = load<u32>(slots + ((<usize>slot) << 2));
      }
      if (found === 0) {
        if (distinct === limit) return -1;
        store<U>(keys + <usize>distinct * sizeof<U>(), value);
        found = ++distinct;
        store<u32>(slots + ((<usize>slot) << 2), found);
        if (distinct * 2 > mask) mask = growSlots<U>(mask, distinct);
      }
      last = value;
      lastIndex = found - 1;
    }
    store<u32>(to, lastIndex);
    to += 4;
  }
  return <i32>distinct;
}

/** The bits of a number as one of the same width. */
// @ts-ignore: decorator
@inline
function bitsOf<T, U>(value: T): U {
  return isFloat<T>() ? reinterpret<U>(value) : <U>value;
}

/** Brings the rows in order into `cells` without the NULLs; how many there are. */
function gather<S, T>(from: u32, count: u32, isOrdered: bool): u32 {
  let to = cells;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const number = load<S>(input + <usize>row * sizeof<S>());
    if (isFloat<S>()) {
      if (number !== number) {
        noteNull(i);
        continue;
      }
    }
    noteValue(i);
    store<T>(to, <T>number);
    to += sizeof<T>();
  }
  return count - nulls;
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
