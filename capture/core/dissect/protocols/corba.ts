import {Event} from "../../meter/layout";
import {isText} from "../text";

/** CORBA by the header of GIOP's messages, also in several datagrams (OMG CORBA §9.4). */
export function recogniseCorba(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "GIOP")) return start + 12 <= end && load<u8>(start, 4) === 1 && load<u8>(start, 5) <= 3 && load<u8>(start, 7) <= 7;
  return isText(start, end, "MIOP") && start + 16 <= end && load<u8>(start, 4) === 0x10;
}

/** Whether it may begin with that byte. */
export function beginsCorba(byte: u8): bool {
  return byte === 0x47 || byte === 0x4d;
}
