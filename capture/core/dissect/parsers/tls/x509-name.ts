import {u16At, u32At} from "../../../meter/bytes";
import {appendClean, appendHex, appendNumber, appendText} from "../../text";
import {contentAt, contentEnd, readTagged, readValue, SEQUENCE, SET, tag} from "./der";

/** Names in certificates (RFC 5280 §4.1.2.4) as texts (RFC 4514), the most specific part first. */

/** Parts of a name, and bytes of a part, that are written. */
const MAX_PARTS = 32;
const MAX_VALUE: usize = 256;

/** Bytes after which no more of a name is written; the last part may add 2 KB. */
const MAX_NAME: usize = 4096;

const parts = memory.data(128);
let limit: usize = 0;

/** Writes the name whose content is `start .. end`; where it ends, 0 where it is no name. */
export function appendName(start: usize, end: usize, to: usize): usize {
  let count = 0;
  for (let at = start; at < end; count++) {
    const next = readTagged(at, end, SET);
    if (next === 0) return 0;
    if (count < MAX_PARTS) store<u32>(parts + (<usize>count << 2), <u32>at);
    at = next;
  }
  const first = to;
  limit = to + MAX_NAME;
  for (let i = min(count, MAX_PARTS) - 1; i >= 0 && to < limit; i--) {
    if (to > first) store<u8>(to++, 0x2c);
    to = appendPart(load<u32>(parts + (<usize>i << 2)), end, to);
    if (to === 0) return 0;
  }
  return to;
}

/** One part, `CN=www.example.org`; several with one meaning are joined by `+`. */
function appendPart(at: usize, end: usize, to: usize): usize {
  readTagged(at, end, SET);
  const last = contentEnd;
  let isMore = false;
  for (let next = contentAt; next < last && to < limit; isMore = true) {
    const following = readTagged(next, last, SEQUENCE);
    if (following === 0) return 0;
    const stop = contentEnd;
    const value = readTagged(contentAt, stop, 6);
    if (value === 0) return 0;
    if (isMore) store<u8>(to++, 0x2b);
    to = appendType(contentAt, contentEnd, to);
    store<u8>(to++, 0x3d);
    if (readValue(value, stop) === 0) return 0;
    to = appendValue(to);
    next = following;
  }
  return to;
}

/** The short name of a type of part (RFC 4514 §3, and what OpenSSL calls the rest), else its number. */
function appendType(at: usize, end: usize, to: usize): usize {
  const length = end - at;
  if (length === 3 && u16At(at) === 0x5504)
    switch (load<u8>(at, 2)) {
      case 3: return appendText("CN", to);
      case 4: return appendText("SN", to);
      case 5: return appendText("serialNumber", to);
      case 6: return appendText("C", to);
      case 7: return appendText("L", to);
      case 8: return appendText("ST", to);
      case 9: return appendText("street", to);
      case 10: return appendText("O", to);
      case 11: return appendText("OU", to);
      case 12: return appendText("title", to);
      case 13: return appendText("description", to);
      case 15: return appendText("businessCategory", to);
      case 17: return appendText("postalCode", to);
      case 42: return appendText("GN", to);
      case 46: return appendText("dnQualifier", to);
    }
  // 1.2.840.113549.1.9.1, 0.9.2342.19200300.100.1.25 and .1, 1.3.6.1.4.1.311.60.2.1.1 to 3.
  if (length === 9 && u32At(at) === 0x2a864886 && u32At(at + 4) === 0xf70d0109 && load<u8>(at, 8) === 1) return appendText("emailAddress", to);
  if (length === 10 && u32At(at) === 0x09922689 && u32At(at + 4) === 0x93f22c64 && load<u8>(at, 8) === 1) {
    if (load<u8>(at, 9) === 25) return appendText("DC", to);
    if (load<u8>(at, 9) === 1) return appendText("UID", to);
  }
  if (length === 11 && u32At(at) === 0x2b060104 && u32At(at + 4) === 0x0182373c && u16At(at + 8) === 0x0201)
    switch (load<u8>(at, 10)) {
      case 1: return appendText("jurisdictionL", to);
      case 2: return appendText("jurisdictionST", to);
      case 3: return appendText("jurisdictionC", to);
    }
  return appendNumbers(at, end, to);
}

/** An object identifier in its dotted form (X.690 §8.19). */
function appendNumbers(at: usize, end: usize, to: usize): usize {
  let value: u32 = 0;
  let isFirst = true;
  for (const last = min(end, at + 32); at < last; at++) {
    value = (value << 7) | (load<u8>(at) & 0x7f);
    if (load<u8>(at) >= 0x80) continue;
    if (isFirst) {
      to = appendNumber(min<u32>(value / 40, 2), to);
      store<u8>(to++, 0x2e);
      to = appendNumber(value - 40 * min<u32>(value / 40, 2), to);
    } else {
      store<u8>(to++, 0x2e);
      to = appendNumber(value, to);
    }
    isFirst = false;
    value = 0;
  }
  return to;
}

const utf8 = memory.data(1024);

/** The text last read, with what has a meaning in a name escaped (RFC 4514 §2.4); what is no text in hexadecimal. */
function appendValue(to: usize): usize {
  const last = min(contentEnd, contentAt + MAX_VALUE);
  // UTF8, Numeric, Printable, Teletex, IA5, Visible and BMP strings.
  const isText = tag === 12 || (tag >= 18 && tag <= 20) || tag === 22 || tag === 26 || tag === 30;
  if (!isText) {
    store<u8>(to, 0x23);
    return appendHex(contentAt, last, to + 1);
  }
  const end = tag === 30 ? fromWide(contentAt, last) : appendClean(contentAt, last, utf8);
  for (let at = utf8; at < end; at++) {
    const byte = load<u8>(at);
    const isSpecial = byte === 0x22 || byte === 0x2b || byte === 0x2c || byte === 0x3b || byte === 0x3c || byte === 0x3e || byte === 0x5c;
    const isEdge = (byte === 0x20 && (at === utf8 || at + 1 === end)) || (byte === 0x23 && at === utf8);
    if (isSpecial || isEdge) store<u8>(to++, 0x5c);
    store<u8>(to++, byte);
  }
  return to;
}

/** Makes UTF-8 of UTF-16, big endian, without pairs of surrogates; where it ends. */
function fromWide(at: usize, end: usize): usize {
  let to = utf8;
  for (; at + 2 <= end; at += 2) {
    let unit = u16At(at);
    if (unit === 0 || (unit >= 0xd800 && unit < 0xe000)) unit = 0xfffd;
    if (unit < 0x80) store<u8>(to++, <u8>unit);
    else if (unit < 0x800) {
      store<u8>(to, <u8>(0xc0 | (unit >> 6)));
      store<u8>(to, <u8>(0x80 | (unit & 0x3f)), 1);
      to += 2;
    } else {
      store<u8>(to, <u8>(0xe0 | (unit >> 12)));
      store<u8>(to, <u8>(0x80 | ((unit >> 6) & 0x3f)), 1);
      store<u8>(to, <u8>(0x80 | (unit & 0x3f)), 2);
      to += 3;
    }
  }
  return to;
}
