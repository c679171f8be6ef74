import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Spotify's clients by what they look for one another with (UDP), and the hello of their access points' protocol (TCP). */
export function recogniseSpotify(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP) return isText(start, end, "SpotUdp");
  // Version 4, the length, and a field of a build that begins with 52.
  return start + 9 <= end && load<u32>(start) === 0x0400 && load<u8>(start, 6) === 0x52 && (load<u8>(start, 7) & 0xfe) === 0x0e && load<u8>(start, 8) === 0x50;
}

/** Whether it may begin with that byte. */
export function beginsSpotify(byte: u8): bool {
  return byte === 0x53 || byte === 0;
}
