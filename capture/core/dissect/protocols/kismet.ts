import {Event} from "../../meter/layout";
import {isText} from "../text";

/** A server of Kismet, which listens to wireless networks, by its first sentence. */
export function recogniseKismet(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "*KISMET: ");
}

/** Whether it may begin with that byte. */
export function beginsKismet(byte: u8): bool {
  return byte === 0x2a;
}
