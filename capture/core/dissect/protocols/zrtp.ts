import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Keys of a call agreed in its own stream (ZRTP, RFC 6189) by the magic cookie, and a message's preamble. */
export function recogniseZrtp(_event: Event, start: usize, end: usize): bool {
  return start + 28 <= end && load<u8>(start, 1) === 0 && isText(start + 4, end, "ZRTP") && u16At(start + 12) === 0x505a;
}

/** Whether it may begin with that byte. */
export function beginsZrtp(byte: u8): bool {
  return byte === 0x10;
}
