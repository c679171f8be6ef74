import {Event} from "../../meter/layout";

/** Telnet by an option negotiation (RFC 854). */
export function recogniseTelnet(_event: Event, start: usize, end: usize): bool {
  const command = load<u8>(start, 1);
  const option = load<u8>(start, 2);
  return start + 3 <= end && command >= 0xfa && command <= 0xfe && (option <= 49 || option === 255);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsTelnet(byte: u8): bool {
  return byte === 0xff;
}
