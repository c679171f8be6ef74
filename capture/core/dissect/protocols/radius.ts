import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** RADIUS by its code and a length that its attributes fill (RFC 2865 §3). */
export function recogniseRadius(_event: Event, start: usize, end: usize): bool {
  const last = start + u16At(start + 2);
  if (last > end || last <= start + 20) return false;
  let at = start + 20;
  while (at + 2 <= last && load<u8>(at) > 0 && load<u8>(at, 1) >= 2) at += load<u8>(at, 1);
  return at === last && end - last < 4;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRadius(byte: u8): bool {
  return (byte >= 1 && byte <= 5) || (byte >= 11 && byte <= 13) || (byte >= 40 && byte <= 45);
}
