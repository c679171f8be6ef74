import {captureSeed} from "../meter/settings";
import {countCut} from "./streams/held";

/** Texts as they are written: UTF-8, anything else as U+FFFD, and so is NUL, which not every database takes. */

/** Longest text in bytes; each may become three. */
const LONGEST: usize = 65_536;

const cleaned = memory.data(196_608);

/** Where the text last made by `clean` is, and its length in bytes; valid until the next one. */
export let cleanAt: usize = 0;
export let cleanLength: u32 = 0;

/**
 * Makes a text of the bytes, at most `limit` of them; plain ASCII stays where it is. As Buffer.toString: a broken
 * sequence becomes one U+FFFD as far as it could have been the beginning of a character (WHATWG Encoding).
 */
export function clean(start: usize, end: usize, limit: u32 = 1024): void {
  let last = end;
  if (end > start + limit) {
    last = start + limit;
    countCut();
  }
  let at = start;
  while (at + 8 <= last && isPlain(load<u64>(at))) at += 8;
  while (at < last && load<u8>(at) - 1 < 0x7f) at++;
  if (at >= last) {
    cleanAt = start;
    cleanLength = <u32>(last - start);
    return;
  }
  cleanAt = cleaned;
  cleanLength = <u32>(appendClean(start, min(last, start + LONGEST), cleaned) - cleaned);
}

/** Eight bytes of ASCII without NUL. */
// @ts-ignore: decorator
@inline
function isPlain(word: u64): bool {
  return ((word | (word - 0x0101010101010101)) & 0x8080808080808080) === 0;
}

/** Writes the text of the bytes; where it ends. */
export function appendClean(start: usize, end: usize, to: usize): usize {
  let at = start;
  while (at < end) {
    const first = load<u8>(at);
    if (first < 0x80) {
      if (first === 0) to = appendReplacement(to);
      else store<u8>(to++, first);
      at++;
      continue;
    }
    const length = sequence(at, end, first);
    if (length > 0) {
      memory.copy(to, at, length);
      to += length;
      at += length;
    } else {
      to = appendReplacement(to);
      at += -length;
    }
  }
  return to;
}

/** Bytes of the character at `at`; negative: those of a broken one. */
function sequence(at: usize, end: usize, first: u8): i32 {
  let more: i32 = 0;
  let least: u8 = 0x80;
  let most: u8 = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) more = 1;
  else if (first >= 0xe0 && first <= 0xef) {
    more = 2;
    if (first === 0xe0) least = 0xa0;
    if (first === 0xed) most = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    more = 3;
    if (first === 0xf0) least = 0x90;
    if (first === 0xf4) most = 0x8f;
  } else return -1;
  for (let i = 1; i <= more; i++) {
    if (at + i >= end) return -i;
    const byte = load<u8>(at + i);
    if (byte < least || byte > most) return -i;
    least = 0x80;
    most = 0xbf;
  }
  return more + 1;
}

// @ts-ignore: decorator
@inline
function appendReplacement(to: usize): usize {
  store<u16>(to, 0xbfef);
  store<u8>(to, 0xbd, 2);
  return to + 3;
}

/** Writes an ASCII constant; where it ends. */
export function appendText(text: string, to: usize): usize {
  const from = changetype<usize>(text);
  const length = text.length;
  for (let i = 0; i < length; i++) store<u8>(to + i, load<u8>(from + (<usize>i << 1)));
  return to + length;
}

/** Writes a whole number in decimal; where it ends. */
export function appendNumber(value: u32, to: usize): usize {
  let divisor: u32 = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor > 0; divisor /= 10) store<u8>(to++, <u8>(0x30 + ((value / divisor) % 10)));
  return to;
}

/** Writes the bytes in hexadecimal, lower case; where it ends. */
export function appendHex(start: usize, end: usize, to: usize): usize {
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    store<u8>(to, hexDigit(byte >> 4));
    store<u8>(to, hexDigit(byte & 15), 1);
    to += 2;
  }
  return to;
}

/** Writes the six bytes of a MAC address (`02:00:5e:10:00:01`). */
export function appendMac(at: usize, to: usize): usize {
  for (let i: usize = 0; i < 6; i++) {
    if (i > 0) store<u8>(to++, 0x3a);
    to = appendHex(at + i, at + i + 1, to);
  }
  return to;
}

// @ts-ignore: decorator
@inline
export function hexDigit(value: u8): u8 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/** True where the bytes from `at` on are this ASCII constant. */
export function isText(at: usize, end: usize, text: string): bool {
  const length = text.length;
  if (end < at + length) return false;
  const from = changetype<usize>(text);
  for (let i = 0; i < length; i++) if (load<u8>(at + i) !== load<u8>(from + (<usize>i << 1))) return false;
  return true;
}

/** As `isText`, upper and lower case alike; the constant is given in upper case. */
export function isTextAnyCase(at: usize, end: usize, text: string): bool {
  const length = text.length;
  if (end < at + length) return false;
  const from = changetype<usize>(text);
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(at + i);
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte) !== load<u8>(from + (<usize>i << 1))) return false;
  }
  return true;
}

/** Where the byte first stands in `at .. end`, 0 where it does not. */
export function find(byte: u8, at: usize, end: usize): usize {
  const pattern = i8x16.splat(byte);
  for (; at + 16 <= end; at += 16) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(at), pattern));
    if (hits !== 0) return at + <usize>ctz<i32>(hits);
  }
  for (; at < end; at++) if (load<u8>(at) === byte) return at;
  return 0;
}

/** Where the line that begins at `at` ends (its line feed), 0 where no line feed is among the bytes. */
export function lineEnd(at: usize, end: usize): usize {
  return find(0x0a, at, end);
}

/** True where the ASCII constant (in upper case) is among the bytes, upper and lower case alike. */
export function hasText(at: usize, end: usize, text: string): bool {
  for (; at + text.length <= end; at++) if (isTextAnyCase(at, end, text)) return true;
  return false;
}

/** Where the content of the BER value at `at` begins (X.690 §8.1.3); 0 where its length is no plausible one. */
export function berContent(at: usize, end: usize): usize {
  if (at + 2 > end) return 0;
  const first = load<u8>(at, 1);
  if (first < 0x80) return at + 2;
  const octets = <usize>(first & 0x7f);
  return octets === 0 || octets > 4 || at + 2 + octets > end ? 0 : at + 2 + octets;
}

/** True where both runs of `length` bytes are the same. */
export function isSame(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

/**
 * Hash of a run of bytes; multiplier and finish of MurmurHash3, eight bytes at a time. It begins with the capture's
 * seed, so that nobody can choose texts that collide.
 */
export function hashOf(at: usize, length: usize): u32 {
  let h = captureSeed ^ (<u64>length * 0x9e3779b97f4a7c15);
  const end = at + length;
  for (; at + 8 <= end; at += 8) {
    h = (h ^ load<u64>(at)) * 0xff51afd7ed558ccd;
    h ^= h >> 32;
  }
  if (at < end) {
    let tail: u64 = 0;
    for (; at < end; at++) tail = (tail << 8) | load<u8>(at);
    h = (h ^ tail) * 0xff51afd7ed558ccd;
    h ^= h >> 32;
  }
  h *= 0xc4ceb9fe1a85ec53;
  return <u32>(h ^ (h >> 29));
}
