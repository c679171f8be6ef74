import {hexDigit} from "../../text";

/** Where the name last read or passed over ends. */
export let nameEnd: usize = 0;

/** Longest name in wire form (RFC 1035 §3.1). */
const MAX_NAME_BYTES: usize = 255;

/** Beginnings and ends of the last name's runs of labels; pointers lie between them. A label has two bytes at least. */
const runs = memory.data(1024);
let runCount: i32 = 0;

/** Whether `appendName` would write a name there; `nameEnd` is then where it ends. */
export function skipName(start: usize, end: usize, at: usize): bool {
  let length: usize = 0;
  let after: usize = 0;
  let lowest = at;
  let run = at;
  runCount = 0;
  for (;;) {
    if (at >= end) return false;
    const size = <usize>load<u8>(at);
    if (size !== 0 && size < 0xc0) {
      length += size + 1;
      if (size > 63 || at + size >= end || length > MAX_NAME_BYTES) return false;
      at += size + 1;
      continue;
    }
    if (at > run) {
      store<u32>(runs + (<usize>runCount << 2), <u32>run);
      store<u32>(runs + (<usize>runCount << 2), <u32>at, 4);
      runCount += 2;
    }
    if (size === 0) {
      nameEnd = after === 0 ? at + 1 : after;
      return true;
    }
    if (at + 1 >= end) return false;
    const target = start + (((size & 0x3f) << 8) | <usize>load<u8>(at, 1));
    if (target >= lowest) return false;
    if (after === 0) after = at + 2;
    at = lowest = run = target;
  }
  return false;
}

/**
 * Writes the name at `at` of the message that begins at `start` (RFC 1035 §4.1.4), `.` for the root; where the text
 * ends, 0 where the name runs past the end or its pointers do not lead backwards (which also ends loops). Octets
 * outside printable ASCII are written `\DDD`, dots and backslashes within a label with a backslash before them (RFC
 * 1035 §5.1): four characters each at most.
 */
export function appendName(start: usize, end: usize, at: usize, to: usize): usize {
  if (!skipName(start, end, at)) return 0;
  if (runCount === 0) {
    store<u8>(to, 0x2e);
    return to + 1;
  }
  for (let i = 0; i < runCount; i += 2) {
    const last = <usize>load<u32>(runs + (<usize>i << 2), 4);
    let label = <usize>load<u32>(runs + (<usize>i << 2));
    while (label < last) {
      const next = label + 1 + load<u8>(label);
      for (let here = label + 1; here < next; here++) to = appendOctet(load<u8>(here), to);
      store<u8>(to++, 0x2e);
      label = next;
    }
  }
  return to - 1;
}

// @ts-ignore: decorator
@inline
function appendOctet(byte: u8, to: usize): usize {
  if (byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c) {
    store<u8>(to, byte);
    return to + 1;
  }
  store<u8>(to, 0x5c);
  if (byte === 0x2e || byte === 0x5c) {
    store<u8>(to, byte, 1);
    return to + 2;
  }
  store<u8>(to, hexDigit(byte / 100), 1);
  store<u8>(to, hexDigit((byte / 10) % 10), 2);
  store<u8>(to, hexDigit(byte % 10), 3);
  return to + 4;
}
