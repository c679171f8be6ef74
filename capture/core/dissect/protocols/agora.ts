import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Agora's real-time network by the server's name that a first packet states. */
export function recogniseAgora(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && load<u8>(start, 6) === 0x21 && isText(start + 12, end, "\x04SNI");
}
