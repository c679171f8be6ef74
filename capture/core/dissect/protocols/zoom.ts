import {Event} from "../../meter/layout";

const PORT = 8801;

/** Zoom's media by the exchange that opens a session with its servers, or with a peer (by the form of both). */
export function recogniseZoom(event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  // A peer's.
  if (first === 0x1f || first === 0x20) return start + 9 <= end && load<u16>(start, 1) === 0x0102 && load<u8>(start, 3) <= 1;
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  return start + 40 <= end && load<u8>(start, 1) === 0 && load<u8>(start, 2) <= 5;
}

/** Whether it may begin with that byte. */
export function beginsZoom(byte: u8): bool {
  return byte === 1 || byte === 2 || byte === 0x1f || byte === 0x20;
}
