import {Event} from "../../meter/layout";
import {isText} from "../text";

/** An agent of Checkmk by the section that its answer begins with. */
export function recogniseCheckMk(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "<<<check_mk>>>");
}

/** Whether it may begin with that byte. */
export function beginsCheckMk(byte: u8): bool {
  return byte === 0x3c;
}
