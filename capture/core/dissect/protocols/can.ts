import {Event} from "../../meter/layout";
import {isText} from "../text";

/** CAN frames over UDP by the name of the standard that each datagram begins with. */
export function recogniseCan(_event: Event, start: usize, end: usize): bool {
  return start + 10 <= end && isText(start, end, "ISO11898");
}

/** Whether it may begin with that byte. */
export function beginsCan(byte: u8): bool {
  return byte === 0x49;
}
