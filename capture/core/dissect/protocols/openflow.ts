import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** OpenFlow by the hello of both sides: version, type 0 and its length, with versions that may follow (OpenFlow 1.5 §7.5.1). */
export function recogniseOpenflow(_event: Event, start: usize, end: usize): bool {
  const length = u16At(start + 2);
  if (start + 8 > end || load<u8>(start, 1) !== 0) return false;
  if (length === 16) return end - start >= 16 && u16At(start + 8) === 1 && u16At(start + 10) === 8;
  return length === 8 && end - start === 8;
}

/** Whether it may begin with that byte. */
export function beginsOpenflow(byte: u8): bool {
  return byte >= 1 && byte <= 6;
}
