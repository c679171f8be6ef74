import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Discovery of Ubiquiti's devices on port 10001: a version, a command, and fields whose lengths end with the message. */
export function recogniseUbiquiti(event: Event, start: usize, end: usize): bool {
  if ((event.destinationPort !== 10_001 && event.sourcePort !== 10_001) || start + 4 > end || load<u8>(start) < 1 || load<u8>(start) > 2) return false;
  if (load<u8>(start, 1) > 11 || <usize>u16At(start + 2) !== end - start - 4 + <usize>event.cut) return false;
  let at = start + 4;
  while (at + 3 <= end) at += 3 + u16At(at + 1);
  return at === end || event.cut > 0;
}

/** Whether it may begin with that byte. */
export function beginsUbiquiti(byte: u8): bool {
  return byte === 1 || byte === 2;
}
