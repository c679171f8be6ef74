import {Event} from "../../meter/layout";

/** Monero and its kind by the signature of their protocol between peers (Levin), which each message begins with. */
export function recogniseMonero(_event: Event, start: usize, end: usize): bool {
  return start + 8 <= end && load<u64>(start) === 0x0101010101012101;
}

/** Whether it may begin with that byte. */
export function beginsMonero(byte: u8): bool {
  return byte === 1;
}
