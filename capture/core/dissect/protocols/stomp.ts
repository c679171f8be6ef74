import {Event} from "../../meter/layout";
import {isText} from "../text";

/** STOMP by the first frame of either side (STOMP 1.2, connecting). */
export function recogniseStomp(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "STOMP\n") || isText(start, end, "STOMP\r\n") || isText(start, end, "CONNECT\n") || isText(start, end, "CONNECTED\n");
}

/** Whether it may begin with that byte. */
export function beginsStomp(byte: u8): bool {
  return byte === 0x53 || byte === 0x43;
}
