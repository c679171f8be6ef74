import {Event} from "../../meter/layout";

/** Lotus Notes and Domino by the eight bytes that a client's first message has in its seventh place. */
export function recogniseLotusNotes(_event: Event, start: usize, end: usize): bool {
  return start + 17 <= end && load<u64>(start, 6) === 0x0f02400000020000;
}
