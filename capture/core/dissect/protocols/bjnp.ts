import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Canon's printers and scanners by the word that messages begin with. */
export function recogniseBjnp(_event: Event, start: usize, end: usize): bool {
  return start + 16 <= end && (isText(start, end, "BJNP") || isText(start, end, "BJNB") || isText(start, end, "BJNS") || isText(start, end, "MFNP"));
}

/** Whether it may begin with that byte. */
export function beginsBjnp(byte: u8): bool {
  return byte === 0x42 || byte === 0x4d;
}
