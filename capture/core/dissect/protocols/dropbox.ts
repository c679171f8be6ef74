import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Dropbox's clients by what they announce themselves with in a local network: JSON that begins with the host's number. */
export function recogniseDropbox(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, '{"host_int":') || isText(start, end, '{"version": [') || isText(start, end, "BUS");
}

/** Whether it may begin with that byte. */
export function beginsDropbox(byte: u8): bool {
  return byte === 0x7b;
}
