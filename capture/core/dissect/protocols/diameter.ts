import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Diameter by its header: version 1, a length in words, known flags and a command (RFC 6733 §3). */
export function recogniseDiameter(event: Event, start: usize, end: usize): bool {
  if (start + 20 > end) return false;
  const length = u32At(start) & 0xffffff;
  if (length < 20 || (length & 3) !== 0 || length > <u32>(end - start) + <u32>event.cut + 65_536 || (load<u8>(start, 4) & 0x0f) !== 0) return false;
  const command = u32At(start + 4) & 0xffffff;
  // An AVP of a known number follows, or nothing.
  return command >= 257 && (length === 20 || (start + 28 <= end && u32At(start + 20) < 100_000 && (load<u8>(start, 24) & 0x1f) === 0));
}

/** Whether it may begin with that byte. */
export function beginsDiameter(byte: u8): bool {
  return byte === 1;
}
