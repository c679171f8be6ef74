import {Event} from "../../meter/layout";
import {isText} from "../text";

/** RTPS, which DDS is carried by, by its magic and major version 1 or 2 (OMG DDSI-RTPS §9.4.4). */
export function recogniseRtps(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && (isText(start, end, "RTPS") || isText(start, end, "RTPX")) && load<u8>(start, 4) <= 2 && load<u8>(start, 4) >= 1;
}

/** Whether it may begin with that byte. */
export function beginsRtps(byte: u8): bool {
  return byte === 0x52;
}
