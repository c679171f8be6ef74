import {berEnd} from "../../ber";
import {appendHex, berContent} from "../../text";

/** A search's filter (RFC 4511 §4.5.1.7) as text (RFC 4515), bounded in depth and length. */

const MAX_DEPTH = 16;

/** Where the text must end: what is longer is cut. */
let limit: usize = 0;
/** Whether the text written last was cut. */
export let isCut: bool = false;

const PRESENT: u8 = 0x87;

/** Writes the filter at `at`, of at most `most` bytes; where the text ends. */
export function appendFilter(at: usize, end: usize, to: usize, most: u32): usize {
  limit = to + <usize>most;
  isCut = false;
  return filter(at, end, to, 0);
}

function filter(at: usize, end: usize, to: usize, depth: i32): usize {
  if (at + 2 > end || depth === MAX_DEPTH) return to;
  const content = berContent(at, end);
  const last = berEnd(at, end);
  if (content === 0 || last === 0) return to;
  const tag = load<u8>(at);
  to = put(0x28, to);
  if (tag >= 0xa0 && tag <= 0xa2) {
    to = put(tag === 0xa0 ? 0x26 : tag === 0xa1 ? 0x7c : 0x21, to);
    for (let part = content; part + 2 <= last && !isCut; ) {
      const next = berEnd(part, last);
      if (next <= part) break;
      to = filter(part, next, to, depth + 1);
      part = next;
    }
  } else if (tag === PRESENT) to = put(0x2a, put(0x3d, value(content, last, to)));
  else if (tag === 0xa4) to = substrings(content, last, to);
  else if (tag === 0xa9) to = extensible(content, last, to);
  else {
    to = octets(content, last, to);
    if (tag === 0xa5) to = put(0x3e, to);
    else if (tag === 0xa6) to = put(0x3c, to);
    else if (tag === 0xa8) to = put(0x7e, to);
    to = octets(behind(content, last), last, put(0x3d, to));
  }
  return put(0x29, to);
}

/** An attribute and parts of its value. */
function substrings(content: usize, end: usize, to: usize): usize {
  to = put(0x3d, octets(content, end, to));
  const list = behind(content, end);
  const last = list + 2 <= end ? berEnd(list, end) : 0;
  if (last === 0) return to;
  let isLast = false;
  for (let part = berContent(list, end); part !== 0 && part + 2 <= last && !isCut; ) {
    if (load<u8>(part) !== 0x80) to = put(0x2a, to);
    to = octets(part, last, to);
    isLast = load<u8>(part) === 0x82;
    const next = berEnd(part, last);
    if (next <= part) break;
    part = next;
  }
  return isLast ? to : put(0x2a, to);
}

/** A rule, or an attribute, or both, and a value. */
function extensible(content: usize, end: usize, to: usize): usize {
  let rule: usize = 0;
  let type: usize = 0;
  let match: usize = 0;
  let isDn = false;
  for (let part = content; part + 2 <= end; ) {
    const tag = load<u8>(part);
    if (tag === 0x81) rule = part;
    else if (tag === 0x82) type = part;
    else if (tag === 0x83) match = part;
    else if (tag === 0x84 && part + 3 <= end) isDn = load<u8>(part, 2) !== 0;
    const next = berEnd(part, end);
    if (next <= part) break;
    part = next;
  }
  if (type !== 0) to = octets(type, end, to);
  if (isDn) to = put(0x6e, put(0x64, put(0x3a, to)));
  if (rule !== 0) to = octets(rule, end, put(0x3a, to));
  to = put(0x3d, put(0x3a, to));
  return match === 0 ? to : octets(match, end, to);
}

/** Where the value behind the one at `at` begins; `end` without. */
function behind(at: usize, end: usize): usize {
  const next = at + 2 <= end ? berEnd(at, end) : 0;
  return next === 0 ? end : next;
}

function octets(at: usize, end: usize, to: usize): usize {
  const content = at + 2 <= end ? berContent(at, end) : 0;
  return content === 0 ? to : value(content, berEnd(at, end), to);
}

/** Writes a value: what would mean something in a filter, and what is no printable ASCII, by its bytes' numbers (RFC 4515 §3). */
function value(at: usize, end: usize, to: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x28 && byte !== 0x29 && byte !== 0x2a && byte !== 0x5c) to = put(byte, to);
    else if (to + 3 <= limit) to = appendHex(at, at + 1, put(0x5c, to));
    else isCut = true;
    if (isCut) return to;
  }
  return to;
}

function put(byte: u8, to: usize): usize {
  if (to >= limit) {
    isCut = true;
    return to;
  }
  store<u8>(to, byte);
  return to + 1;
}
