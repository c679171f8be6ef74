import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Functions of BVLC that carry an NPDU at once: forwarded (behind an address), distribute, unicast, broadcast. */
const FORWARDED: u8 = 4;
const DISTRIBUTE: u8 = 9;

/** BACnet/IP by its virtual link control: type, function and a length that is the payload's (ANSI/ASHRAE 135 §J.2). */
export function recogniseBacnet(_event: Event, start: usize, end: usize): bool {
  const code = load<u8>(start, 1);
  if (start + 4 > end || code > 0x0b || <usize>u16At(start + 2) !== end - start) return false;
  // The network layer's version is 1.
  if (code === FORWARDED) return start + 12 <= end && load<u8>(start, 10) === 1;
  if (code >= DISTRIBUTE) return start + 6 <= end && load<u8>(start, 4) === 1;
  return end - start >= 4;
}

/** Whether it may begin with that byte. */
export function beginsBacnet(byte: u8): bool {
  return byte === 0x81;
}
