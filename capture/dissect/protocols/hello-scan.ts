import {uint16} from "../ascii.ts";
import {extension, isGrease} from "./client-hello.ts";

/** What is left of a ClientHello when all that its client changes from one to the next is taken out. */
export interface ScannedHello {
  /** In its first `length` bytes: all that fingerprints, version and ALPN follow from; valid until the next scan. */
  readonly key: Uint8Array;
  /** -1 where there was no room for all. */
  length: number;
  /** Host name of the server; -1 where none is asked for. */
  nameStart: number;
  nameEnd: number;
}

/** Longest key: more than twice of what browsers' hellos leave. */
export const maxKeyBytes = 512;

const scanned: ScannedHello = {key: new Uint8Array(maxKeyBytes), length: 0, nameStart: -1, nameEnd: -1};

/**
 * Scans the ClientHello in the body of a handshake message, null where its lengths contradict each other, as
 * `clientHello` reads it: version, ciphers, types of extensions and those contents that `clientHello` keeps, without
 * GREASE; not random, session id and key shares.
 */
export function scan(bytes: Uint8Array, start: number, end: number): ScannedHello | null {
  let at = start + 34;
  if (at + 1 > end) return null;
  length = 0;
  scanned.nameStart = -1;
  put(bytes[start], bytes[start + 1]);
  at += 1 + bytes[at];
  if (at + 2 > end || at + 2 + uint16(bytes, at) > end) return null;
  const extensionsAt = at + 2 + uint16(bytes, at);
  putNumbers(bytes, at + 2, extensionsAt);
  at = extensionsAt;
  if (at + 1 > end) return null;
  at += 1 + bytes[at];
  if (at > end) return null;
  const last = at + 2 <= end ? at + 2 + uint16(bytes, at) : at;
  if (last > end) return null;
  if (at + 2 <= end) at += 2;
  while (at < last) {
    if (at + 4 > last) return null;
    const type = uint16(bytes, at);
    const from = at + 4;
    const to = from + uint16(bytes, at + 2);
    if (to > last) return null;
    if (!isGrease(type)) put(bytes[at], bytes[at + 1]);
    switch (type) {
      case extension.serverName:
        if (scanned.nameStart < 0) findHostName(bytes, from, to);
        break;
      case extension.supportedVersions:
        putNumbers(bytes, from + 1, to);
        break;
      case extension.groups:
      case extension.signatureAlgorithms:
        putNumbers(bytes, from + 2, to);
        break;
      case extension.alpn:
        putBytes(bytes, from + 2, to);
        break;
      case extension.pointFormats:
        putBytes(bytes, from + 1, to);
    }
    at = to;
  }
  scanned.length = length <= maxKeyBytes ? length : -1;
  return scanned;
}

/** Bytes of the key so far; writes behind its end go nowhere. */
let length = 0;

function put(high: number, low: number): void {
  scanned.key[length++] = high;
  scanned.key[length++] = low;
}

/** Their number of bytes, then the 16-bit numbers without GREASE. */
function putNumbers(bytes: Uint8Array, from: number, to: number): void {
  const head = length;
  length += 2;
  for (let at = from; at + 2 <= to; at += 2)
    if ((bytes[at] & 0x0f) !== 0x0a || bytes[at] !== bytes[at + 1]) put(bytes[at], bytes[at + 1]);
  putLength(head);
}

function putBytes(bytes: Uint8Array, from: number, to: number): void {
  const head = length;
  length += 2;
  for (let at = from; at < to; at++) scanned.key[length++] = bytes[at];
  putLength(head);
}

function putLength(head: number): void {
  const size = length - head - 2;
  scanned.key[head] = size >> 8;
  scanned.key[head + 1] = size;
}

/** RFC 6066 §3: where the first host name is. */
function findHostName(bytes: Uint8Array, from: number, to: number): void {
  let at = from + 2;
  while (at + 3 <= to) {
    const end = at + 3 + uint16(bytes, at + 1);
    if (end > to) return;
    if (bytes[at] === 0) {
      if (end === at + 3) return;
      scanned.nameStart = at + 3;
      scanned.nameEnd = end;
      return;
    }
    at = end;
  }
}
