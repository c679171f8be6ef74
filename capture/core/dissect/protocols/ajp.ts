import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** AJP, with which web servers ask servlet containers, by either side's magic, the length and a code (AJPv13 §Packet Structure). */
export function recogniseAjp(event: Event, start: usize, end: usize): bool {
  if (start + 5 > end) return false;
  const magic = u16At(start);
  const code = load<u8>(start, 4);
  if (<usize>u16At(start + 2) + 4 > end - start + <usize>event.cut) return false;
  return magic === 0x1234 ? code === 2 || code === 7 || code === 8 || code === 10 : magic === 0x4142 && code >= 3 && code <= 9;
}

/** Whether it may begin with that byte. */
export function beginsAjp(byte: u8): bool {
  return byte === 0x12 || byte === 0x41;
}
