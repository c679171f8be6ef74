import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Avast's clients by their word and the length of the message. */
export function recogniseAvast(event: Event, start: usize, end: usize): bool {
  return start + 6 <= end && isText(start, end, "NOSA") && <usize>u16At(start + 4) === end - start + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsAvast(byte: u8): bool {
  return byte === 0x4e;
}
