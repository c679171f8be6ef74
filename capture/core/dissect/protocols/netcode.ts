import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Netcode, which games open connections with, by the version that its request names (netcode.io standard). */
export function recogniseNetcode(_event: Event, start: usize, end: usize): bool {
  return start + 64 <= end && isText(start + 1, end, "NETCODE 1.0");
}

/** Whether it may begin with that byte. */
export function beginsNetcode(byte: u8): bool {
  return byte === 0;
}
