import {Event} from "../../meter/layout";
import {isText} from "../text";

/** FIX of stock exchanges by the field that each message begins with (FIX session layer). */
export function recogniseFix(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "8=FIX.") || isText(start, end, "8=FIXT.") || isText(start, end, "8=O\x01");
}

/** Whether it may begin with that byte. */
export function beginsFix(byte: u8): bool {
  return byte === 0x38;
}
