import {encodeAddresses} from "./addresses";
import {bounds, dictionaryBytes, distinct, encoding, hasBounds, nulls, pageBytes} from "./column";
import {input, page, reserve, sources, texts} from "./memory";
import {encodeBooleans, encodeNumbers} from "./numbers";
import {sortRows} from "./order";
import {gatheredBytes, gatherTexts} from "./text-set";
import {encodeCodes, encodeFixedTexts} from "./texts";

/** Makes room for a file's rows and its widest column; to be called before anything is put into memory. */
export function prepare(rows: i32, inputBytes: i32, textBytes: i32, sourceBytes: i32): void {
  reserve(rows, inputBytes, textBytes, sourceBytes);
}

/** Addresses by number: 0 input, 1 dictionary page, 2 data page, 3 bounds, 4 sources of texts. */
export function region(number: i32): usize {
  return number === 0 ? input : number === 1 ? texts : number === 2 ? page : number === 3 ? bounds : sources;
}

/** Of the column encoded last: 0 NULLs, 1 distinct values (-1: no dictionary), 2 and 3 bytes of the pages, 4 has bounds, 5 encoding of values. */
export function result(number: i32): i32 {
  if (number === 0) return <i32>nulls;
  if (number === 1) return distinct;
  if (number === 2) return <i32>dictionaryBytes;
  if (number === 3) return <i32>pageBytes;
  return number === 4 ? hasBounds : encoding;
}

/** Sorts the rows by the column in `input`; whether any are still equal. `form`: 0 f32, 1 f64, 2 i64. */
export function sort(form: i32, rows: i32, isFirst: bool): bool {
  if (form === 0) return sortRows<f32>(rows, isFirst);
  return form === 1 ? sortRows<f64>(rows, isFirst) : sortRows<i64>(rows, isFirst);
}

/** Encodes `count` rows of numbers from row `from` of the order on. `kind`: as listed in encoder.ts. */
export function numbers(kind: i32, from: i32, count: i32, isOrdered: bool): void {
  switch (kind) {
    case 0:
      return encodeNumbers<f32, f32>(from, count, isOrdered);
    case 1:
      return encodeNumbers<f64, f32>(from, count, isOrdered);
    case 2:
      return encodeNumbers<f64, f64>(from, count, isOrdered);
    case 3:
      return encodeNumbers<f64, i32>(from, count, isOrdered);
    case 4:
      return encodeNumbers<f64, i64>(from, count, isOrdered);
    case 5:
      return encodeNumbers<i64, i64>(from, count, isOrdered);
    case 6:
      return encodeBooleans<f64>(from, count, isOrdered);
    default:
      unreachable();
  }
}

/** Texts in pieces (text-set.ts); returns 0, -1 where a code has no text, -2 where texts are cut short. */
export function codes(from: i32, count: i32, isOrdered: bool, pieces: i32, sourceBytes: i32): i32 {
  const found = gatherTexts(pieces, sourceBytes);
  if (found < 0) return found;
  encodeCodes(from, count, isOrdered, found, gatheredBytes());
  return 0;
}

export function fixedTexts(width: i32, from: i32, count: i32, isOrdered: bool): void {
  encodeFixedTexts(width, from, count, isOrdered);
}

export function addresses(rows: i32, from: i32, count: i32, isOrdered: bool): void {
  encodeAddresses(rows, from, count, isOrdered);
}
