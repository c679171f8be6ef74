import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Java's debugging interface by the words that both sides begin with (Java Debug Wire Protocol, handshake). */
export function recogniseJdwp(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "JDWP-Handshake");
}

/** Whether it may begin with that byte. */
export function beginsJdwp(byte: u8): bool {
  return byte === 0x4a;
}
