import {countCut} from "./streams/held";

/** Texts as Windows writes them, as UTF-8: UTF-16 little endian ([MS-SMB2] §2.1), or a byte a character. */

/** Longest text that is kept, in bytes of the message; each may become three. */
const MAX_TEXT_BYTES: usize = 1024;

const REPLACEMENT: u32 = 0xfffd;

/** Where the text last read is, and its bytes; valid until the next one. */
export const wideAt = memory.data(3072);
export let wideLength: u32 = 0;

/** Bytes before the text's zero. */
export function lengthTo(start: usize, end: usize, isUnicode: bool): usize {
  const step: usize = isUnicode ? 2 : 1;
  let at = start;
  while (at + step <= end && (load<u8>(at) !== 0 || (isUnicode && load<u8>(at, 1) !== 0))) at += step;
  return at - start;
}

/** Reads the text of so many bytes; false where they are not all before `end`. */
export function readUtf16(start: usize, length: usize, end: usize): bool {
  // Not by their sum, which may pass the largest address.
  if (start > end || length > end - start) return false;
  if (length > MAX_TEXT_BYTES) countCut();
  let last = start + min(length & ~1, MAX_TEXT_BYTES);
  while (last > start && load<u16>(last - 2) === 0) last -= 2;
  let to: usize = wideAt;
  for (let at = start; at < last; at += 2) {
    const unit = <u32>load<u16>(at);
    if (isSurrogate(unit, 0xd800) && at + 2 < last && isSurrogate(load<u16>(at, 2), 0xdc00)) {
      to = append(0x10000 + ((unit & 0x3ff) << 10) + (<u32>load<u16>(at, 2) & 0x3ff), to);
      at += 2;
    } else to = append(unit === 0 || (unit & 0xf800) === 0xd800 ? REPLACEMENT : unit, to);
  }
  wideLength = <u32>(to - wideAt);
  return true;
}

/** As `readUtf16`, for ISO 8859-1. */
export function readLatin(start: usize, length: usize, end: usize): bool {
  // Not by their sum, which may pass the largest address.
  if (start > end || length > end - start) return false;
  if (length > MAX_TEXT_BYTES) countCut();
  let last = start + min(length, MAX_TEXT_BYTES);
  while (last > start && load<u8>(last - 1) === 0) last--;
  let to: usize = wideAt;
  for (let at = start; at < last; at++) {
    const byte = <u32>load<u8>(at);
    to = append(byte === 0 ? REPLACEMENT : byte, to);
  }
  wideLength = <u32>(to - wideAt);
  return true;
}

/** Whether it is the first (0xd800) or second (0xdc00) half of a character. */
// @ts-ignore: decorator
@inline
function isSurrogate(unit: u32, half: u32): bool {
  return (unit & 0xfc00) === half;
}

/** Writes the character; where it ends. Zeros within and lone surrogates, which no file can hold, are U+FFFD by now. */
function append(character: u32, to: usize): usize {
  if (character < 0x80) {
    store<u8>(to, <u8>character);
    return to + 1;
  }
  if (character < 0x800) {
    store<u8>(to, <u8>(0xc0 | (character >> 6)));
    return continued(character, to + 1);
  }
  if (character < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (character >> 12)));
    return continued(character, continued(character >> 6, to + 1));
  }
  store<u8>(to, <u8>(0xf0 | (character >> 18)));
  return continued(character, continued(character >> 6, continued(character >> 12, to + 1)));
}

// @ts-ignore: decorator
@inline
function continued(bits: u32, to: usize): usize {
  store<u8>(to, <u8>(0x80 | (bits & 0x3f)));
  return to + 1;
}
