import {Event} from "../../meter/layout";

const PORT = 123;

/** NTP (RFC 5905 §7.3) by the fields of its header; control messages on port 123 only. */
export function recogniseNtp(event: Event, start: usize, end: usize): bool {
  const length = end - start;
  const first = load<u8>(start);
  const mode = first & 7;
  const version = (first >> 3) & 7;
  const isPort = event.sourcePort === PORT || event.destinationPort === PORT;
  if (version < 1 || version > 4 || length < 8) return false;
  if (isPort && mode >= 6) return true;
  if (mode < 1 || mode > 5 || length < 48 || load<u8>(start, 1) > 16) return false;
  if (isPort) return true;
  // Elsewhere the poll interval and the precision (a negative power of two) must be plausible too.
  return length === 48 && version >= 3 && load<u8>(start, 2) <= 17 && load<u8>(start, 3) >= 0xe0;
}
