import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Yahoo's messenger by its word, a version, and the length of what follows. */
export function recogniseYmsg(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && isText(start, end, "YMSG") && u16At(start + 4) <= 0x20 && (<usize>u16At(start + 8) + 20 === end - start || end - start > 512);
}

/** Whether it may begin with that byte. */
export function beginsYmsg(byte: u8): bool {
  return byte === 0x59;
}
