import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Megaco, also H.248, as text: its name or an exclamation mark, the version, and who speaks (RFC 3525 §B.2). SCTP says it by a number. */
export function recogniseMegaco(_event: Event, start: usize, end: usize): bool {
  const at = isText(start, end, "MEGACO/") ? start + 7 : isText(start, end, "!/") ? start + 2 : 0;
  if (at === 0 || at + 4 > end || load<u8>(at) < 0x31 || load<u8>(at) > 0x33 || load<u8>(at, 1) !== 0x20) return false;
  return load<u8>(at, 2) === 0x5b || load<u8>(at, 2) === 0x3c;
}

/** Whether it may begin with that byte. */
export function beginsMegaco(byte: u8): bool {
  return byte === 0x21 || byte === 0x4d;
}
