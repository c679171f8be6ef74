import {beginColumn, bounds, endPage, noteNull, noteValue, nulls, setBounds, writeIndexes, writeLevels} from "./column";
import {indexCells} from "./dictionary";
import {cells, input, keys, order, texts} from "./memory";

/** Values above which a dictionary does not pay, and at most. */
const LEAST_LIMIT: u32 = 16;
const MOST_DISTINCT: u32 = 1 << 16;

/** Numbers of type S as Parquet's type T; NaN is NULL. `isOrdered`: by `order`, from its row `from` on. */
export function encodeNumbers<S, T>(from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  const values = gather<S, T>(from, count, isOrdered);
  const limit = min<u32>(values / 4 + LEAST_LIMIT, MOST_DISTINCT);
  const distinct = sizeof<T>() === 4 ? indexCells<u32>(values, limit) : indexCells<u64>(values, limit);
  if (distinct > 0) {
    const bytes = <usize>distinct * sizeof<T>();
    memory.copy(texts, keys, bytes);
    writeIndexes(count, distinct, <u32>bytes);
    return;
  }
  const at = writeLevels(count);
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
  setBounds(false);
  endPage(at + <usize>bytes);
}

/** Brings the rows in order into `cells` without the NULLs, and their bounds into `bounds`; how many there are. */
function gather<S, T>(from: u32, count: u32, isOrdered: bool): u32 {
  let values: u32 = 0;
  let least: T = 0;
  let greatest: T = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const value = load<S>(input + <usize>row * sizeof<S>());
    if (isFloat<S>()) {
      if (value !== value) {
        noteNull(i);
        continue;
      }
    }
    noteValue(i);
    const cell = <T>value;
    store<T>(cells + <usize>values * sizeof<T>(), cell);
    if (values === 0) {
      least = cell;
      greatest = cell;
    } else {
      if (cell < least) least = cell;
      if (cell > greatest) greatest = cell;
    }
    values++;
  }
  // The format's rule for zeros of either sign: a bound of zero includes both.
  if (isFloat<T>()) {
    if (least === 0) least = <T>-0.0;
    if (greatest === 0) greatest = <T>0.0;
  }
  store<T>(bounds, least);
  store<T>(bounds, greatest, 8);
  setBounds(values > 0);
  return values;
}
