import {Event} from "../../meter/layout";
import {isText} from "../text";

/** AMQP by its protocol header (AMQP 0-9-1 §4.2.2, AMQP 1.0 §2.2). */
export function recogniseAmqp(_event: Event, start: usize, end: usize): bool {
  return start + 8 <= end && isText(start, end, "AMQP") && load<u8>(start, 4) <= 3;
}

/** Whether it may begin with that byte. */
export function beginsAmqp(byte: u8): bool {
  return byte === 0x41;
}
