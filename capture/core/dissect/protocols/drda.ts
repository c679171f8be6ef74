import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** IBM's DRDA, which Db2 speaks, by the header of a DDM object: both lengths, magic, and a code point of the handshake (DDM §DSS). */
export function recogniseDrda(_event: Event, start: usize, end: usize): bool {
  if (start + 10 > end || load<u8>(start, 2) !== 0xd0 || (load<u8>(start, 3) & 0x0f) > 5) return false;
  const code = u16At(start + 8);
  return u16At(start) === u16At(start + 6) + 6 && ((code >= 0x1000 && code < 0x2500) || code === 0xd003);
}

/** Whether it may begin with that byte. */
export function beginsDrda(byte: u8): bool {
  return byte <= 0x7f;
}
