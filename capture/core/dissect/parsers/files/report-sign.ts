import {isText} from "../../text";
import {SIGN_BYTES} from "./attack-sign";

/** What the first bytes of a request's body show of a report: what a host says of itself, or a text that nobody can read. */

/** Shortest text in Base64 that is taken for one. */
const SEALED_LEAST: i32 = 40;
/** Longest name of a field that is looked at. */
const KEY_BYTES: usize = 24;

const key: usize = memory.data(32);

/** `profile` for fields with a host's name, its user and its system; `sealed` for a text in Base64 and hardly more; empty for neither. */
export function reportSignOf(start: usize, end: usize): string {
  const last = min(end, start + SIGN_BYTES);
  if (isSealed(start, last)) return "sealed";
  return isProfile(start, last) ? "profile" : "";
}

/** Bits of `letterOf`. */
const UPPER: i32 = 1;
const LOWER: i32 = 2;
const DIGIT: i32 = 4;
const ALL: i32 = 7;

/** The kind of a letter of Base64 (RFC 4648 §4, §5); 8 for its other signs and a line's end, 0 for what it has not. */
function letterOf(byte: u8): i32 {
  if (<u32>byte - 0x41 < 26) return UPPER;
  if (<u32>byte - 0x61 < 26) return LOWER;
  if (<u32>byte - 0x30 < 10) return DIGIT;
  return byte === 0x2b || byte === 0x2f || byte === 0x2d || byte === 0x5f || byte === 0x0d || byte === 0x0a ? 8 : 0;
}

/** Base64 alone, or a form of which most is a value in Base64. A page's own state (`__VIEWSTATE`) and a login's (SAML) are none. */
function isSealed(start: usize, end: usize): bool {
  if (start + SEALED_LEAST > end || isText(start, end, "__") || isText(start, end, "SAML")) return false;
  let longest: i32 = 0;
  let length: i32 = 0;
  let kinds: i32 = 0;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at);
    let kind = letterOf(byte);
    let step: usize = 1;
    // The escapes of a form for + / = and a line's end.
    if (byte === 0x25 && at + 2 < end && (isText(at, end, "%2B") || isText(at, end, "%2F") || isText(at, end, "%3D") || isText(at, end, "%0A"))) {
      kind = 8;
      step = 3;
    }
    if (kind === 0) {
      if (byte !== 0x3d && byte !== 0x26) return false;
      if (length > longest && (kinds & ALL) === ALL) longest = length;
      length = 0;
      kinds = 0;
    } else {
      length += <i32>step;
      kinds |= kind;
    }
    at += step;
  }
  if (length > longest && (kinds & ALL) === ALL) longest = length;
  return longest >= SEALED_LEAST && longest * 5 >= <i32>(end - start) * 3;
}

/** Bits of `fieldOf`. */
const HOST: i32 = 1;
const USER: i32 = 2;
const SYSTEM: i32 = 4;

/** Fields of a form or of JSON that name a host, its user and its system. */
function isProfile(start: usize, end: usize): bool {
  let found: i32 = 0;
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    const isField = at === start || byte === 0x22 || byte === 0x26 || byte === 0x27;
    if (!isField) continue;
    found |= fieldOf(byte === 0x22 || byte === 0x26 || byte === 0x27 ? at + 1 : at, end);
    if (found === (HOST | USER | SYSTEM)) return true;
  }
  return false;
}

/** What the field whose name begins at `at` tells; 0 for others, and where no name of a field begins there. */
function fieldOf(at: usize, end: usize): i32 {
  let to = key;
  while (at < end && to < key + KEY_BYTES) {
    const byte = load<u8>(at);
    if (<u32>(byte | 0x20) - 0x61 < 26) store<u8>(to++, byte | 0x20);
    else if (byte !== 0x5f && byte !== 0x2d) break;
    at++;
  }
  if (at >= end) return 0;
  const byte = load<u8>(at);
  if (byte !== 0x3d && !((byte === 0x22 || byte === 0x27) && isColon(at + 1, end))) return 0;
  if (isKey(to, "hostname") || isKey(to, "computername") || isKey(to, "computer") || isKey(to, "pcname") || isKey(to, "pc") || isKey(to, "machinename") || isKey(to, "compname") || isKey(to, "devicename")) return HOST;
  if (isKey(to, "user") || isKey(to, "username") || isKey(to, "un") || isKey(to, "login")) return USER;
  if (isKey(to, "os") || isKey(to, "osversion") || isKey(to, "osver") || isKey(to, "windows") || isKey(to, "winver") || isKey(to, "osname") || isKey(to, "windowsversion")) return SYSTEM;
  return 0;
}

function isKey(end: usize, name: string): bool {
  return end - key === <usize>name.length && isText(key, end, name);
}

function isColon(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) === 0x20) at++;
  return at < end && load<u8>(at) === 0x3a;
}
