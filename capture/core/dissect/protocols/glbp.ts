import {Event} from "../../meter/layout";

const PORT = 3222;

/** Cisco's GLBP by its port, version 1 and the first type and length (of a hello or a request). */
export function recogniseGlbp(event: Event, start: usize, end: usize): bool {
  return event.destinationPort === PORT && start + 14 <= end && load<u8>(start) === 1 && load<u8>(start, 12) >= 1 && load<u8>(start, 12) <= 4;
}

/** Whether it may begin with that byte. */
export function beginsGlbp(byte: u8): bool {
  return byte === 1;
}
