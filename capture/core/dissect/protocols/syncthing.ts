import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Syncthing by the word that its announcements and the hello of its exchange begin with. */
export function recogniseSyncthing(_event: Event, start: usize, end: usize): bool {
  return start + 6 <= end && u32At(start) === 0x2ea7d90b;
}

/** Whether it may begin with that byte. */
export function beginsSyncthing(byte: u8): bool {
  return byte === 0x2e;
}
