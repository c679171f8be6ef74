import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Facebook's Zero, a handshake as QUIC had it, over TCP: a version, and the hello of a client. */
export function recogniseFbzero(_event: Event, start: usize, end: usize): bool {
  return start + 13 <= end && (isText(start, end, "1QTV") || isText(start, end, "0QTV")) && isText(start + 9, end, "CHLO");
}

/** Whether it may begin with that byte. */
export function beginsFbzero(byte: u8): bool {
  return byte === 0x30 || byte === 0x31;
}
