import {u32At} from "../../../meter/bytes";
import {isText} from "../../text";

/** Frames of HTTP/2 (RFC 9113 §4.1): 24 bits of length, type, flags, and the number of their stream. */

export const FRAME_HEAD: usize = 9;

export const DATA: u8 = 0;
export const HEADERS: u8 = 1;
export const RST_STREAM: u8 = 3;
export const SETTINGS: u8 = 4;
export const PUSH_PROMISE: u8 = 5;
export const GOAWAY: u8 = 7;
export const CONTINUATION: u8 = 9;

export const END_STREAM: u8 = 1;
export const END_HEADERS: u8 = 4;
export const PADDED: u8 = 8;
export const PRIORITY: u8 = 32;

/** What a client's bytes begin with (RFC 9113 §3.4), and how long it is. */
export const PREFACE_BYTES: usize = 24;

export function isPreface(at: usize, end: usize): bool {
  return isText(at, end, "PRI * HTTP/2.0\r\n");
}

// @ts-ignore: decorator
@inline
export function frameLength(at: usize): u32 {
  return u32At(at) >> 8;
}

// @ts-ignore: decorator
@inline
export function frameStream(at: usize): u32 {
  return u32At(at + 5) & 0x7fffffff;
}

/** Longest frame that is believed where its beginning has to be found; no endpoint takes longer ones unasked. */
const LONGEST_USUAL: u32 = 16_384;

/** Whether a frame's head fits its type (RFC 9113 §6); types that are not known are passed over, as there. */
export function isFrame(at: usize): bool {
  const length = frameLength(at);
  const stream = frameStream(at);
  switch (load<u8>(at, 3)) {
    case DATA: case HEADERS: case CONTINUATION: return stream !== 0;
    case 2: return length === 5 && stream !== 0;
    case RST_STREAM: return length === 4 && stream !== 0;
    case SETTINGS: return length % 6 === 0 && stream === 0 && (load<u8>(at, 4) === 0 || length === 0);
    case PUSH_PROMISE: return length >= 4 && stream !== 0;
    case 6: return length === 8 && stream === 0;
    case GOAWAY: return length >= 8 && stream === 0;
    case 8: return length === 4;
  }
  return true;
}

/** As `isFrame`, where nothing but its head says that a frame begins: known types, their flags, and usual lengths. */
function isSureFrame(at: usize): bool {
  const type = load<u8>(at, 3);
  return type <= CONTINUATION && frameLength(at) <= LONGEST_USUAL && (load<u8>(at, 5) & 0x80) === 0 && (load<u8>(at, 4) & ~flagsOf(type)) === 0 && isFrame(at);
}

/** Flags that a type has. */
function flagsOf(type: u8): u8 {
  switch (type) {
    case DATA: return END_STREAM | PADDED;
    case HEADERS: return END_STREAM | END_HEADERS | PADDED | PRIORITY;
    case SETTINGS: case 6: return 1;
    case PUSH_PROMISE: return END_HEADERS | PADDED;
    case CONTINUATION: return END_HEADERS;
  }
  return 0;
}

/** Where a frame begins behind missing bytes, from where on frame follows frame up to the end; 0 without. */
export function findFrame(start: usize, end: usize): usize {
  for (let at = start; at + FRAME_HEAD <= end; at++) {
    if (!isSureFrame(at)) continue;
    let next = at + FRAME_HEAD + <usize>frameLength(at);
    while (next + FRAME_HEAD <= end && isSureFrame(next)) next += FRAME_HEAD + <usize>frameLength(next);
    // One alone that goes on in the next segment is believed where the segment begins with it.
    if (next === end || (next > end && at === start) || (next < end && next + FRAME_HEAD > end)) return at;
  }
  return 0;
}

/** Whether a server's first bytes are its settings (RFC 9113 §3.4), and nothing but frames follows them. */
export function isServerPreface(start: usize, end: usize): bool {
  if (end < start + FRAME_HEAD || load<u8>(start, 3) !== SETTINGS || load<u8>(start, 4) !== 0 || u32At(start + 5) !== 0) return false;
  const length = frameLength(start);
  const next = start + FRAME_HEAD + length;
  if (length % 6 !== 0 || length > 60 || next > end || (next < end && findFrame(next, end) !== next)) return false;
  for (let at = start + FRAME_HEAD; at < next; at += 6) if (load<u8>(at) !== 0 || <u32>load<u8>(at, 1) - 1 > 8) return false;
  return true;
}
