import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** RTCP by a compound packet: a report first, and lengths that lead to its end (RFC 3550 §6.1, §A.2). */
export function recogniseRtcp(_event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || (load<u8>(start, 1) !== 200 && load<u8>(start, 1) !== 201)) return false;
  for (let at = start; at < end; ) {
    if (at + 4 > end || load<u8>(at) >> 6 !== 2 || load<u8>(at, 1) < 192 || load<u8>(at, 1) > 223) return false;
    at += 4 * (u16At(at + 2) + 1);
    if (at > end) return false;
  }
  return true;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRtcp(byte: u8): bool {
  return byte >> 6 === 2;
}
