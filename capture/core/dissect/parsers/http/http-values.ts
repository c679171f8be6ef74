import {clean, cleanAt, cleanLength} from "../../text";

/** Values of header fields as JavaScript's strings would have them: white space by Unicode, numbers by IEEE 754. */

/** Where the text last made by `makeValue` is, and its length in bytes; valid until the next one, or `clean`. */
export let valueAt: usize = 0;
export let valueLength: u32 = 0;

/** Makes a text of a field's value, at most `limit` bytes of it, without white space around it. */
export function makeValue(start: usize, end: usize, limit: u32 = 1024): void {
  clean(start, end, limit);
  let at = cleanAt;
  let last = at + cleanLength;
  for (let space = spaceAt(at, last); space > 0; space = spaceAt(at, last)) at += space;
  for (let space = spaceBefore(at, last); space > 0; space = spaceBefore(at, last)) last -= space;
  valueAt = at;
  valueLength = <u32>(last - at);
}

/** White space in ASCII, line ends among it. */
// @ts-ignore: decorator
@inline
export function isSpace(byte: u8): bool {
  return byte === 0x20 || (byte >= 9 && byte <= 13);
}

// @ts-ignore: decorator
@inline
export function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}

/** Value of a hexadecimal digit; 16 or more where it is none. */
export function hexValue(byte: u8): u32 {
  if (isDigit(byte)) return byte - 0x30;
  const letter = <u32>(byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}

/** Bytes of the white space character that stands at `at`, 0 where none does. */
// @ts-ignore: decorator
@inline
function spaceAt(at: usize, end: usize): usize {
  if (at >= end) return 0;
  const first = load<u8>(at);
  return first < 0x80 ? <usize>isSpace(first) : wideSpaceAt(at, end);
}

/** Bytes of the white space character that ends at `end`, 0 where none does; the text is whole UTF-8. */
// @ts-ignore: decorator
@inline
function spaceBefore(start: usize, end: usize): usize {
  if (end <= start) return 0;
  const last = load<u8>(end - 1);
  if (last < 0x80) return <usize>isSpace(last);
  if (end >= start + 2 && wideSpaceAt(end - 2, end) === 2) return 2;
  return end >= start + 3 ? wideSpaceAt(end - 3, end) : 0;
}

/** ECMA-262 §12.2: Unicode's space separators, U+FEFF, and the line ends U+2028 and U+2029. */
function wideSpaceAt(at: usize, end: usize): usize {
  if (end < at + 2) return 0;
  if (load<u8>(at) === 0xc2) return load<u8>(at, 1) === 0xa0 ? 2 : 0;
  if (end < at + 3) return 0;
  const bytes = (<u32>load<u8>(at) << 16) | (<u32>load<u8>(at, 1) << 8) | <u32>load<u8>(at, 2);
  const isWhite =
    (bytes >= 0xe28080 && bytes <= 0xe2808a) ||
    bytes === 0xe280a8 ||
    bytes === 0xe280a9 ||
    bytes === 0xe280af ||
    bytes === 0xe2819f ||
    bytes === 0xe19a80 ||
    bytes === 0xe38080 ||
    bytes === 0xefbbbf;
  return isWhite ? 3 : 0;
}

/** RFC 9110 §8.6: the length that a Content-Length says; repeated equal values count once, NaN is anything else. */
export function contentLength(start: usize, end: usize): f64 {
  let length: f64 = NaN;
  let at = start;
  while (true) {
    const first = at;
    while (at < end && isDigit(load<u8>(at))) at++;
    if (at === first) return NaN;
    const value = decimal(first, at);
    if (first > start && value !== length) return NaN;
    length = value;
    if (at === end) return length;
    for (let space = spaceAt(at, end); space > 0; space = spaceAt(at, end)) at += space;
    if (at === end || load<u8>(at) !== 0x2c) return NaN;
    at++;
    for (let space = spaceAt(at, end); space > 0; space = spaceAt(at, end)) at += space;
  }
}

/** A length as its column holds it: NaN beyond the whole numbers that a double tells apart, which no message has. */
export function heldLength(length: f64): f64 {
  return length <= 9_007_199_254_740_991 ? length : NaN;
}

/** Digits that fit into 64 bits, and those beyond which no finite number is. */
const SHORT: usize = 19;
const LONGEST: usize = 309;

/** Words of a long number, the lowest first: 309 digits need 1027 bits. */
const words = memory.data(136);

/** The number nearest to the decimal digits, ties to even. */
function decimal(start: usize, end: usize): f64 {
  let at = start;
  while (at < end && load<u8>(at) === 0x30) at++;
  if (end - at > LONGEST) return Infinity;
  if (end - at > SHORT) return longDecimal(at, end);
  let value: u64 = 0;
  for (; at < end; at++) value = value * 10 + <u64>(load<u8>(at) - 0x30);
  return <f64>value;
}

function longDecimal(start: usize, end: usize): f64 {
  let count: usize = 0;
  for (let at = start; at < end; at++) {
    let carry = <u64>(load<u8>(at) - 0x30);
    for (let i: usize = 0; i < count; i++) {
      carry += <u64>load<u32>(words + (i << 2)) * 10;
      store<u32>(words + (i << 2), <u32>carry);
      carry >>= 32;
    }
    if (carry > 0) store<u32>(words + (count++ << 2), <u32>carry);
  }
  // The 64 bits from the highest on; its lowest says whether any behind is set, which is what rounding asks for.
  const high = words + (count << 2);
  const shift = <u64>clz<u32>(load<u32>(high - 4));
  let value = load<u64>(high - 8) << shift;
  let rest: u32 = count > 2 ? load<u32>(high - 12) : 0;
  if (shift > 0) value |= <u64>(rest >> <u32>(32 - shift));
  rest <<= <u32>shift;
  for (let at = words; at < high - 12; at += 4) rest |= load<u32>(at);
  if (rest !== 0) value |= 1;
  const exponent = <i64>count * 32 - <i64>shift - 64;
  return <f64>value * reinterpret<f64>((exponent + 1023) << 52);
}
