import {Event} from "../../meter/layout";
import {isText} from "../text";

/** NATS by the server's INFO or the client's CONNECT, both with JSON (NATS client protocol). */
export function recogniseNats(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, 'INFO {"') || isText(start, end, 'CONNECT {"');
}

/** Whether it may begin with that byte. */
export function beginsNats(byte: u8): bool {
  return byte === 0x49 || byte === 0x43;
}
