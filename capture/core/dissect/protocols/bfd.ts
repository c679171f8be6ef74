import {Event} from "../../meter/layout";

/** BFD between routers by its ports, version 1, the length and a multiplier (RFC 5880 §4.1). */
export function recogniseBfd(event: Event, start: usize, end: usize): bool {
  const port = event.destinationPort;
  if (port !== 3784 && port !== 3785 && port !== 4784 && port !== 6784) return false;
  return start + 24 <= end && <usize>load<u8>(start, 3) === end - start && load<u8>(start, 2) > 0;
}

/** Whether it may begin with that byte. */
export function beginsBfd(byte: u8): bool {
  return byte >> 5 === 1;
}
