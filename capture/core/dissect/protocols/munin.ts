import {Event} from "../../meter/layout";
import {isText} from "../text";

/** A Munin node by its greeting. */
export function recogniseMunin(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "# munin node at ");
}

/** Whether it may begin with that byte. */
export function beginsMunin(byte: u8): bool {
  return byte === 0x23;
}
