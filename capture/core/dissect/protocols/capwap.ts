import {Event} from "../../meter/layout";

/** CAPWAP of wireless access points by its ports, and the header's version, kind and length (RFC 5415 §4.3). */
export function recogniseCapwap(event: Event, start: usize, end: usize): bool {
  const port = event.destinationPort;
  const other = event.sourcePort;
  if (port !== 5246 && port !== 5247 && other !== 5246 && other !== 5247) return false;
  if (load<u8>(start) === 1) return start + 5 <= end && load<u8>(start, 1) === 0;
  const header = <usize>(load<u8>(start, 1) >> 3) << 2;
  return header >= 8 && start + header <= end;
}

/** Whether it may begin with that byte. */
export function beginsCapwap(byte: u8): bool {
  return byte <= 1;
}
