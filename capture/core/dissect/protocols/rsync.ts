import {Event} from "../../meter/layout";
import {isText} from "../text";

/** The rsync daemon by the greeting of both sides. */
export function recogniseRsync(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "@RSYNCD: ");
}

/** Whether it may begin with that byte. */
export function beginsRsync(byte: u8): bool {
  return byte === 0x40;
}
