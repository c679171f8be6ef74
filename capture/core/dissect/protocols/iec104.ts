import {Event} from "../../meter/layout";

/** IEC 60870-5-104 by its APDUs, which fill the payload: start byte, length, a control field of one of three forms (§5). */
export function recogniseIec104(_event: Event, start: usize, end: usize): bool {
  let at = start;
  for (let apdus = 0; at + 6 <= end && apdus < 4; apdus++) {
    if (!isApdu(at, end)) return false;
    at += 2 + <usize>load<u8>(at, 1);
  }
  return at > start && (at >= end || load<u8>(at) === 0x68);
}

/** Whether it may begin with that byte. */
export function beginsIec104(byte: u8): bool {
  return byte === 0x68;
}

function isApdu(at: usize, end: usize): bool {
  const length = load<u8>(at, 1);
  if (load<u8>(at) !== 0x68 || length < 4 || length > 253) return false;
  const control = load<u8>(at, 2);
  // I: numbered, with an ASDU of a type, a number of objects and a cause of transmission.
  if ((control & 1) === 0)
    return length >= 10 && (load<u8>(at, 4) & 1) === 0 && at + 10 <= end && isType(load<u8>(at, 6)) && (load<u8>(at, 8) & 0x3f) !== 0;
  if (length !== 4 || load<u8>(at, 3) !== 0) return false;
  // S: acknowledges. U: one of start, stop and test, asked for or confirmed.
  if (control === 1) return (load<u8>(at, 4) & 1) === 0;
  const asked = control >> 2;
  return (control & 3) === 3 && popcnt<u32>(asked) === 1 && load<u16>(at, 4) === 0;
}

/** Types of ASDUs that the standard defines (§7 of IEC 60870-5-101 and the companion standard). */
// @ts-ignore: decorator
@inline
function isType(type: u8): bool {
  return (type >= 1 && type <= 40) || (type >= 45 && type <= 51) || (type >= 58 && type <= 70) || (type >= 100 && type <= 127);
}
