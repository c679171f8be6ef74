import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** Session announcements by their header and the description of a session behind it (RFC 2974 §6). */
export function recogniseSap(_event: Event, start: usize, end: usize): bool {
  if (start + 12 > end) return false;
  const at = start + (((load<u8>(start) & 0x10) !== 0 ? 20 : 8) + (<usize>load<u8>(start, 1) << 2));
  return isText(at, end, "v=0") || isText(at, end, "application/sdp\0") || hasText(at, min(end, at + 40), "\r\nO=");
}

/** Whether it may begin with that byte. */
export function beginsSap(byte: u8): bool {
  return byte >> 5 === 1;
}
