import {Event} from "../../meter/layout";

const PORT = 1985;
const PORT_IPV6 = 2029;

/** Cisco's HSRP by its port and header, of version 1 (RFC 2281 §5.1) and of 2, which is made of types and lengths. */
export function recogniseHsrp(event: Event, start: usize, end: usize): bool {
  if (event.destinationPort !== PORT && event.destinationPort !== PORT_IPV6) return false;
  const first = load<u8>(start);
  const second = load<u8>(start, 1);
  if (first === 0 && second <= 2) return end - start >= 20 && load<u8>(start, 2) <= 16;
  if (first === 0 && second === 3) return end - start >= 8;
  return first >= 1 && first <= 4 && start + 2 + <usize>second <= end && second >= 4;
}

/** Whether it may begin with that byte. */
export function beginsHsrp(byte: u8): bool {
  return byte <= 4;
}
