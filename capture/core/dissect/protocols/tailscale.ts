import {Event} from "../../meter/layout";

/** Tailscale's nodes that look for a way to one another, by the six bytes of each such packet (magicsock's disco); their traffic is WireGuard's. */
export function recogniseTailscale(_event: Event, start: usize, end: usize): bool {
  // "TS" and a speech balloon, then a key of 32 bytes and a nonce of 24.
  return start + 62 <= end && load<u32>(start) === 0x9ff05354 && load<u16>(start, 4) === 0xac92;
}

/** Whether it may begin with that byte. */
export function beginsTailscale(byte: u8): bool {
  return byte === 0x54;
}
