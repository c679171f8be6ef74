import {Event} from "../../meter/layout";
import {isText} from "../text";

/** NoMachine's NX by the greeting of both sides. */
export function recogniseNomachine(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "NXD-") || isText(start, end, "NXSH-");
}

/** Whether it may begin with that byte. */
export function beginsNomachine(byte: u8): bool {
  return byte === 0x4e;
}
