import {packedBits, writeHybrid, writeVarint} from "./hybrid";
import {indexes, levels, page} from "./memory";

/** What became of the column encoded last. */
export let nulls: u32 = 0;
/** Distinct values of its dictionary; -1 where its values stand in the data page. */
export let distinct: i32 = -1;
export let dictionaryBytes: u32 = 0;
export let pageBytes: u32 = 0;
/** How values stand in the data page without a dictionary: PLAIN, or by differences (deltas.ts). */
export let encoding: i32 = 0;

/** Numbers of the format (parquet.thrift, Encoding). */
export const DELTA_BINARY_PACKED = 5;
export const DELTA_LENGTH_BYTE_ARRAY = 6;

/** 1 where the column has bounds: of numbers in `bounds` as bits, of texts their place and length. */
export let hasBounds: i32 = 0;

/** Least and greatest value: two times eight bytes for a number, two times address and length for a text. */
export const bounds: usize = memory.data(16);

export function beginColumn(): void {
  nulls = 0;
  distinct = -1;
  dictionaryBytes = 0;
  pageBytes = 0;
  hasBounds = 0;
  encoding = 0;
}

/** Notes that row `i` is NULL; rows before it had values unless they were noted. */
export function noteNull(i: u32): void {
  if (nulls === 0) for (let k: u32 = 0; k < i; k++) store<u32>(levels + ((<usize>k) << 2), 1);
  nulls++;
  store<u32>(levels + ((<usize>i) << 2), 0);
}

// @ts-ignore: decorator
@inline
export function noteValue(i: u32): void {
  if (nulls !== 0) store<u32>(levels + ((<usize>i) << 2), 1);
}

/** Says how many NULLs there are, where `levels` are written otherwise than by `noteNull` and `noteValue`. */
export function setNulls(count: u32): void {
  nulls = count;
}

export function setBounds(has: bool): void {
  hasBounds = has ? 1 : 0;
}

/** Definition levels of an optional column's `rows`, with their length before them; where they end. */
export function writeLevels(rows: u32): usize {
  let at = page + 4;
  if (nulls === 0) {
    at = writeVarint(rows << 1, at);
    store<u8>(at++, 1);
  } else at = writeHybrid(levels, rows, 1, at);
  store<u32>(page, <u32>(at - page - 4));
  return at;
}

/** The data page of a column whose values are numbers in a dictionary of `count`; without values there is none. */
export function writeIndexes(rows: u32, count: i32, bytes: u32): void {
  if (count === 0) return endPage(writeLevels(rows));
  distinct = count;
  dictionaryBytes = bytes;
  let at = writeLevels(rows);
  const bits = packedBits(<u32>count);
  store<u8>(at++, <u8>bits);
  endPage(writeHybrid(indexes, rows - nulls, bits, at));
}

export function endPage(at: usize): void {
  pageBytes = <u32>(at - page);
}

/** As `endPage`, of values in another encoding than PLAIN. */
export function endPageOf(values: i32, at: usize): void {
  encoding = values;
  endPage(at);
}
