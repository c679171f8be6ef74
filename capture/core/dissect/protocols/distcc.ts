import {Event} from "../../meter/layout";
import {isText} from "../text";

/** distcc by the words that a compilation and its answer begin with, each with eight hexadecimal digits (distcc protocol.txt). */
export function recogniseDistcc(_event: Event, start: usize, end: usize): bool {
  if (start + 12 > end) return false;
  return isText(start, end, "DIST0000000") || isText(start, end, "DONE0000000");
}

/** Whether it may begin with that byte. */
export function beginsDistcc(byte: u8): bool {
  return byte === 0x44;
}
