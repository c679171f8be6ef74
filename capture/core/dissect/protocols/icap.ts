import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Content that a proxy has checked (ICAP, RFC 3507), by a request for an icap address or the line of an answer. */
export function recogniseIcap(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "REQMOD icap") || isText(start, end, "RESPMOD icap") || isText(start, end, "OPTIONS icap") || isText(start, end, "ICAP/1.");
}

/** Whether it may begin with that byte. */
export function beginsIcap(byte: u8): bool {
  return byte === 0x4f || byte === 0x52 || byte === 0x49;
}
