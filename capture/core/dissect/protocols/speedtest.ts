import {Event} from "../../meter/layout";
import {hasText, isText, lineEnd} from "../text";

/** Ookla's measurements of a connection by the greeting of both sides. */
export function recogniseSpeedtest(event: Event, start: usize, end: usize): bool {
  if (lineEnd(start, end) === 0) return false;
  if (event.direction === 0) return isText(start, end, "HI\n") || (isText(start, end, "HI ") && end - start === 40);
  return isText(start, end, "HELLO ") && hasText(start, end, " (");
}

/** Whether it may begin with that byte. */
export function beginsSpeedtest(byte: u8): bool {
  return byte === 0x48;
}
