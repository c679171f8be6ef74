import {Event} from "../../meter/layout";
import {berEnd} from "../ber";
import {berContent} from "../text";

/** ANSI C12.22 of smart meters by its ACSE envelope, which names both application titles, and its port (ANSI C12.22 §5). */
export function recogniseC1222(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== 1153 && event.destinationPort !== 1153) return false;
  const content = berContent(start, end);
  if (content === 0 || content + 2 > end || berEnd(start, end) !== end) return false;
  const tag = load<u8>(content);
  return tag >= 0xa1 && tag <= 0xa8;
}

/** Whether it may begin with that byte. */
export function beginsC1222(byte: u8): bool {
  return byte === 0x60;
}
