import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Ports of control, user data, and charging. */
const CONTROL = 2123;
const USER = 2152;
const CHARGING = 3386;

/** GTP of mobile networks by version, a type of message and its length, on one of its ports (3GPP TS 29.060 §6, TS 29.274 §5.1). */
export function recogniseGtp(event: Event, start: usize, end: usize): bool {
  if (!isPort(event.sourcePort) && !isPort(event.destinationPort)) return false;
  if (start + 8 > end) return false;
  const first = load<u8>(start);
  const length = <usize>u16At(start + 2);
  const behind = end - start + <usize>event.cut;
  // Version 2 counts from behind the first four bytes; of several messages the first is counted alone.
  if (first >> 5 === 2) return length + 4 <= behind && length >= 4 && load<u8>(start, 1) > 0;
  if (load<u8>(start, 1) === 0) return false;
  // GTP' has a header of six bytes, or of version 0's 20.
  if ((first & 0x10) === 0) return length + 6 === behind || length + 20 === behind;
  return length + 8 === behind || (first >> 5 === 0 && length + 20 === behind);
}

/** Whether it may begin with that byte. */
export function beginsGtp(byte: u8): bool {
  return byte >> 5 <= 2;
}

// @ts-ignore: decorator
@inline
function isPort(port: i32): bool {
  return port === CONTROL || port === USER || port === CHARGING;
}
