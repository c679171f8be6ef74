import {keepText} from "../../heap";
import {countCut} from "../../streams/held";
import {clean, cleanAt, cleanLength, find, isSame} from "../../text";

/** SQL statements without what they are about: strings, numbers and comments leave them. */

/** Dialects, as far as they differ in what a string is. */
export const MYSQL_DIALECT: u8 = 0;
export const POSTGRESQL_DIALECT: u8 = 1;
export const TRANSACT_DIALECT: u8 = 2;

/** Bytes of a statement that are looked at, and that are kept. */
const MAX_READ: usize = 4096;
const MAX_KEPT: usize = 512;
const MAX_KIND: u32 = 32;

const redacted = memory.data(4112);
const kindText = memory.data(32);

/** The statement last read, kept: its first word, and itself without literals; 0 where there is none. Who calls takes both. */
export let kind: usize = 0;
export let statement: usize = 0;

/** Reads the statement in `start .. end`; what is cut off within a literal is one. */
export function readStatement(start: usize, end: usize, dialect: u8): void {
  if (end - start > MAX_READ) {
    end = start + MAX_READ;
    countCut();
  }
  const last = redact(start, end, dialect);
  if (last > redacted + MAX_KEPT) countCut();
  clean(redacted, min(last, redacted + MAX_KEPT));
  statement = cleanLength > 0 ? keepText(cleanAt, cleanLength) : 0;
  let at: usize = redacted;
  while (at < last && (load<u8>(at) === 0x28 || load<u8>(at) === 0x20)) at++;
  let length: u32 = 0;
  for (; at < last && length < MAX_KIND && isLetter(load<u8>(at)); at++, length++) store<u8>(kindText + <usize>length, load<u8>(at) & 0xdf);
  kind = length > 0 ? keepText(kindText, length) : 0;
}

/** Writes the statement without its literals; where it ends. */
function redact(start: usize, end: usize, dialect: u8): usize {
  let to: usize = redacted;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    const behind = commentEnd(at, end, dialect);
    if (behind > at || byte <= 0x20) {
      at = behind > at ? behind : at + 1;
      if (to > redacted && load<u8>(to - 1) !== 0x20) store<u8>(to++, 0x20);
    } else if (byte === 0x27 || (byte === 0x22 && dialect !== POSTGRESQL_DIALECT)) {
      at = quotedEnd(at, end, byte, hasEscapes(to, dialect));
      store<u8>(to++, 0x3f);
    } else if (byte === 0x22 || byte === 0x60 || (byte === 0x5b && dialect === TRANSACT_DIALECT)) {
      const stop = quotedEnd(at, end, byte === 0x5b ? 0x5d : byte, false);
      memory.copy(to, at, stop - at);
      to += stop - at;
      at = stop;
    } else if (byte === 0x24 && dialect === POSTGRESQL_DIALECT && dollarEnd(at, end) > at) {
      at = dollarEnd(at, end);
      store<u8>(to++, 0x3f);
    } else if (isDigit(byte) && !(to > redacted && isOfName(load<u8>(to - 1)))) {
      at = numberEnd(at, end);
      store<u8>(to++, 0x3f);
    } else {
      store<u8>(to++, byte);
      at++;
    }
  }
  return to > redacted && load<u8>(to - 1) === 0x20 ? to - 1 : to;
}

/** Behind the comment that begins at `at`; `at` where none does. */
function commentEnd(at: usize, end: usize, dialect: u8): usize {
  if (at + 2 <= end && load<u16>(at) === 0x2a2f) {
    for (let stop = at + 2; stop + 2 <= end; stop++) if (load<u16>(stop) === 0x2f2a) return stop + 2;
    return end;
  }
  if ((at + 2 <= end && load<u16>(at) === 0x2d2d) || (load<u8>(at) === 0x23 && dialect === MYSQL_DIALECT)) {
    const line = find(0x0a, at, end);
    return line === 0 ? end : line + 1;
  }
  return at;
}

/** Behind the quoted text that begins at `at`; a doubled quote is one of its characters. */
function quotedEnd(at: usize, end: usize, quote: u8, hasEscapes: bool): usize {
  for (at++; at < end; at++) {
    const byte = load<u8>(at);
    if (hasEscapes && byte === 0x5c) at++;
    else if (byte === quote) {
      if (at + 1 >= end || load<u8>(at, 1) !== quote) return at + 1;
      at++;
    }
  }
  return end;
}

/** Whether a backslash escapes within a string behind what was written: MySQL, and PostgreSQL's E''. */
function hasEscapes(to: usize, dialect: u8): bool {
  if (dialect === MYSQL_DIALECT) return true;
  if (dialect !== POSTGRESQL_DIALECT || to === redacted || (load<u8>(to - 1) | 0x20) !== 0x65) return false;
  return to - 1 === redacted || !isOfName(load<u8>(to - 2));
}

/** Behind `$tag$ … $tag$` (PostgreSQL); `at` where none begins. */
function dollarEnd(at: usize, end: usize): usize {
  let tag = at + 1;
  while (tag < end && isOfName(load<u8>(tag)) && load<u8>(tag) !== 0x24) tag++;
  if (tag >= end || load<u8>(tag) !== 0x24 || isDigit(load<u8>(at, 1))) return at;
  const length = tag + 1 - at;
  for (let stop = tag + 1; stop + length <= end; stop++) if (isSame(at, stop, length)) return stop + length;
  return end;
}

function numberEnd(at: usize, end: usize): usize {
  for (at++; at < end; at++) {
    const byte = load<u8>(at);
    const isExponent = (byte === 0x2b || byte === 0x2d) && (load<u8>(at - 1) | 0x20) === 0x65;
    if (!isOfName(byte) && byte !== 0x2e && !isExponent) break;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte - 0x30 <= 9;
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

// @ts-ignore: decorator
@inline
function isOfName(byte: u8): bool {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f || byte === 0x24 || byte >= 0x80;
}
