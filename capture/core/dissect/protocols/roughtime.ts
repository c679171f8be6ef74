import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Roughtime by the word that its packets begin with (RFC draft ntp-roughtime §5). */
export function recogniseRoughtime(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "ROUGHTIM");
}

/** Whether it may begin with that byte. */
export function beginsRoughtime(byte: u8): bool {
  return byte === 0x52;
}
