import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** The Service Location Protocol by version, function and the length of the message, of version 2 (RFC 2608 §8) and 1 (RFC 2165 §3). */
export function recogniseSlp(_event: Event, start: usize, end: usize): bool {
  const code = load<u8>(start, 1);
  if (start + 12 > end || code < 1 || code > 11) return false;
  // Version 1 has a language of two letters, which TDS, of the same length at the same place, has not.
  if (load<u8>(start) === 1)
    return code <= 10 && <usize>u16At(start + 2) === end - start && (load<u8>(start, 4) & 7) === 0 && isLetter(load<u8>(start, 6)) && isLetter(load<u8>(start, 7));
  // The length has three bytes; the language tag's length goes before the tag.
  return <usize>(u32At(start + 2) >> 8) === end - start && start + 14 <= end && u16At(start + 12) <= 16;
}

/** Whether it may begin with that byte. */
export function beginsSlp(byte: u8): bool {
  return byte === 1 || byte === 2;
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
