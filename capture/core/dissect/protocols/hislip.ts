import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Instruments by HiSLIP (IVI-6.1): its prologue, a type of message, and the length of what follows. */
export function recogniseHislip(event: Event, start: usize, end: usize): bool {
  return start + 16 <= end && u16At(start) === 0x4853 && load<u8>(start, 2) <= 26 && load<u32>(start, 8) === 0 && <usize>u32At(start + 12) === end - start - 16 + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsHislip(byte: u8): bool {
  return byte === 0x48;
}
