import {Event} from "../../meter/layout";

/** Radmin's remote control by the message that its client begins with, and the server's answer. */
export function recogniseRadmin(_event: Event, start: usize, end: usize): bool {
  if (load<u32>(start) !== 1 || start + 10 > end) return false;
  if (end - start === 10) return load<u8>(start, 4) === 1 && load<u16>(start, 8) === 0x0808;
  return end - start === 46 && load<u8>(start, 4) === 0x25;
}

/** Whether it may begin with that byte. */
export function beginsRadmin(byte: u8): bool {
  return byte === 1;
}
