import {beginColumn, bounds, DELTA_LENGTH_BYTE_ARRAY, endPage, endPageOf, noteNull, noteValue, setBounds, writeIndexes, writeLevels} from "./column";
import {writeEqualLengths} from "./deltas";
import {cells, indexes, input, order, texts} from "./memory";

/** Texts by code (i32, -1 is NULL); `texts` holds the dictionary's `bytes`: lengths (u32) and texts by code. */
export function encodeCodes(from: u32, count: u32, isOrdered: bool, distinct: i32, bytes: u32): void {
  beginColumn();
  let values: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const code = load<i32>(input + ((<usize>row) << 2));
    if (code < 0) noteNull(i);
    else {
      noteValue(i);
      store<u32>(indexes + ((<usize>values) << 2), <u32>code);
      values++;
    }
  }
  findBounds(<u32>distinct, bytes);
  if (values === 0) setBounds(false);
  writeIndexes(count, distinct, bytes);
}

/**
 * ASCII texts of one width; a text that begins with a zero byte is NULL. Their lengths stand before all of them: between
 * texts that have nothing in common they would be all that zstd finds, at twice the time.
 */
export function encodeFixedTexts(width: u32, from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  let values: u32 = 0;
  let least: usize = 0;
  let greatest: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const text = input + <usize>row * <usize>width;
    if (load<u8>(text) === 0) noteNull(i);
    else {
      noteValue(i);
      store<u32>(cells + ((<usize>values) << 2), row);
      if (values === 0 || memory.compare(text, least, width) < 0) least = text;
      if (values === 0 || memory.compare(text, greatest, width) > 0) greatest = text;
      values++;
    }
  }
  setTextBounds(least, width, greatest, width);
  setBounds(values > 0);
  const levelsEnd = writeLevels(count);
  if (values === 0) return endPage(levelsEnd);
  let at = writeEqualLengths(width, values, levelsEnd);
  for (let i: u32 = 0; i < values; i++) {
    memory.copy(at, input + <usize>load<u32>(cells + ((<usize>i) << 2)) * <usize>width, width);
    at += <usize>width;
  }
  endPageOf(DELTA_LENGTH_BYTE_ARRAY, at);
}

/** Least and greatest of the `count` texts in `texts`, by their bytes. */
export function findBounds(count: u32, bytes: u32): void {
  let least: usize = 0;
  let leastLength: u32 = 0;
  let greatest: usize = 0;
  let greatestLength: u32 = 0;
  let at = texts;
  for (let k: u32 = 0; k < count; k++) {
    const length = load<u32>(at);
    const text = at + 4;
    if (k === 0 || compare(text, length, least, leastLength) < 0) {
      least = text;
      leastLength = length;
    }
    if (k === 0 || compare(text, length, greatest, greatestLength) > 0) {
      greatest = text;
      greatestLength = length;
    }
    at = text + <usize>length;
  }
  setTextBounds(least, leastLength, greatest, greatestLength);
  setBounds(count > 0);
}

function setTextBounds(least: usize, leastLength: u32, greatest: usize, greatestLength: u32): void {
  store<u32>(bounds, <u32>least);
  store<u32>(bounds, leastLength, 4);
  store<u32>(bounds, <u32>greatest, 8);
  store<u32>(bounds, greatestLength, 12);
}

function compare(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const order = memory.compare(a, b, min(aLength, bLength));
  return order !== 0 ? order : aLength < bLength ? -1 : aLength > bLength ? 1 : 0;
}
