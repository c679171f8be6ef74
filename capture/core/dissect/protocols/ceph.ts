import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Ceph by the banner of both sides, of its messenger's version 1 or 2. */
export function recogniseCeph(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "ceph v");
}

/** Whether it may begin with that byte. */
export function beginsCeph(byte: u8): bool {
  return byte === 0x63;
}
