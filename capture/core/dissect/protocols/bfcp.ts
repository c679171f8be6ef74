import {u16At, u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/**
 * BFCP of conferences by its header: version, primitive, the length in words and numbers that are given (RFC 8855 §5.1);
 * some clients count an attribute that they do not send.
 */
export function recogniseBfcp(event: Event, start: usize, end: usize): bool {
  if (start + 12 > end || (load<u8>(start) & 7) !== 0) return false;
  const primitive = load<u8>(start, 1);
  if (primitive >= 1 && primitive <= 18 && end - start === 12 && u16At(start + 2) === 1) return u32At(start + 4) !== 0 && u16At(start + 8) !== 0 && u16At(start + 10) !== 0;
  if (primitive < 1 || primitive > 18 || (<usize>u16At(start + 2) << 2) + 12 !== end - start + <usize>event.cut) return false;
  if (event.proto === UDP && load<u8>(start) >> 5 !== 2) return false;
  if (u32At(start + 4) === 0) return false;
  // Attributes lead to the end.
  let at = start + 12;
  while (at + 2 <= end && load<u8>(at, 1) >= 2 && load<u8>(at) >> 1 >= 1 && load<u8>(at) >> 1 <= 18) at += (<usize>load<u8>(at, 1) + 3) & ~3;
  return at === end;
}

/** Whether it may begin with that byte. */
export function beginsBfcp(byte: u8): bool {
  return byte === 0x20 || byte === 0x30 || byte === 0x40 || byte === 0x50;
}
