import {Event} from "../../meter/layout";

const PORT = 1044;

/** UFTP, by which files go to many, by its port, version 4 or 5, and a kind of message (UFTP protocol §4). */
export function recogniseUftp(event: Event, start: usize, end: usize): bool {
  if (event.destinationPort !== PORT && event.sourcePort !== PORT) return false;
  return start + 16 <= end && load<u8>(start, 1) >= 1 && load<u8>(start, 1) <= 19;
}

/** Whether it may begin with that byte. */
export function beginsUftp(byte: u8): bool {
  return byte === 0x40 || byte === 0x50;
}
