import {u16At} from "../../../meter/bytes";

/** Types of the extensions that are read (IANA "TLS ExtensionType Values"). */
export const SERVER_NAME: u32 = 0;
export const GROUPS: u32 = 10;
export const POINT_FORMATS: u32 = 11;
export const SIGNATURE_ALGORITHMS: u32 = 13;
export const ALPN: u32 = 16;
export const SUPPORTED_VERSIONS: u32 = 43;

/** Bytes of the key last made; -1 where there was no room for all. */
export let keyLength: i32 = 0;
/** Host name of the server in the hello last scanned; 0 where none is asked for. */
export let hostAt: usize = 0;
export let hostEnd: usize = 0;

let keyAt: usize = 0;
let keyEnd: usize = 0;

/**
 * Scans the ClientHello in the body of a handshake message (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), false where its
 * lengths contradict each other. What is left of it when all that its client changes from one to the next is taken out
 * goes to `key`, of `room` bytes; as many as the hello has are always enough: what carried it, version, ciphers, types
 * of extensions and those contents that fingerprints, version and ALPN follow from, without GREASE (RFC 8701); not
 * random, session id and key shares. `readKey` reads it.
 */
export function scan(start: usize, end: usize, carrier: u8, key: usize, room: usize): bool {
  hostAt = 0;
  let at = start + 34;
  if (at + 1 > end) return false;
  keyAt = key;
  keyEnd = key + room;
  put(carrier);
  put(load<u16>(start));
  at += 1 + <usize>load<u8>(at);
  if (at + 2 > end) return false;
  const ciphersEnd = at + 2 + u16At(at);
  if (ciphersEnd > end) return false;
  putNumbers(at + 2, ciphersEnd);
  at = ciphersEnd;
  if (at + 1 > end) return false;
  at += 1 + <usize>load<u8>(at);
  if (at > end) return false;
  if (at + 2 <= end) {
    const last = at + 2 + u16At(at);
    if (last > end || !scanExtensions(at + 2, last)) return false;
  }
  keyLength = keyAt <= keyEnd ? <i32>(keyAt - key) : -1;
  return true;
}

function scanExtensions(at: usize, last: usize): bool {
  while (at < last) {
    if (at + 4 > last) return false;
    const type = u16At(at);
    const from = at + 4;
    const to = from + u16At(at + 2);
    if (to > last) return false;
    if (!isGrease(load<u16>(at))) put(load<u16>(at));
    if (type === SERVER_NAME) {
      if (hostAt === 0) findHostName(from, to);
    } else if (type === SUPPORTED_VERSIONS) putNumbers(from + 1, to);
    else if (type === GROUPS || type === SIGNATURE_ALGORITHMS) putNumbers(from + 2, to);
    else if (type === ALPN) putBytes(from + 2, to);
    else if (type === POINT_FORMATS) putBytes(from + 1, to);
    at = to;
  }
  return true;
}

/** RFC 8701: values of the form 0x?A?A that mean nothing; the same in either byte order. */
// @ts-ignore: decorator
@inline
function isGrease(value: u16): bool {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

/** Two bytes as they stand; behind the key's room they are counted only. */
// @ts-ignore: decorator
@inline
function put(value: u16): void {
  if (keyAt + 2 <= keyEnd) store<u16>(keyAt, value);
  keyAt += 2;
}

/** Their number of bytes, then the 16-bit numbers without GREASE. */
function putNumbers(from: usize, to: usize): void {
  const head = keyAt;
  keyAt += 2;
  for (; from + 2 <= to; from += 2) if (!isGrease(load<u16>(from))) put(load<u16>(from));
  putLength(head);
}

function putBytes(from: usize, to: usize): void {
  const head = keyAt;
  keyAt += 2;
  if (from < to) {
    if (keyAt + (to - from) <= keyEnd) memory.copy(keyAt, from, to - from);
    keyAt += to - from;
  }
  putLength(head);
}

// @ts-ignore: decorator
@inline
function putLength(head: usize): void {
  if (head + 2 <= keyEnd) store<u16>(head, <u16>(keyAt - head - 2));
}

/** RFC 6066 §3: where the first host name is. */
function findHostName(from: usize, to: usize): void {
  let at = from + 2;
  while (at + 3 <= to) {
    const end = at + 3 + u16At(at + 1);
    if (end > to) return;
    if (load<u8>(at) === 0) {
      if (end === at + 3) return;
      hostAt = at + 3;
      hostEnd = end;
      return;
    }
    at = end;
  }
}
