import {Event} from "../../meter/layout";

/** X11 by the setup that a client begins with: byte order, version 11.0, lengths of an authorisation (X protocol §8). */
export function recogniseX11(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || start + 12 > end || load<u8>(start, 1) !== 0) return false;
  const isLittle = load<u8>(start) === 0x6c;
  const name = isLittle ? load<u16>(start, 6) : bswap<u16>(load<u16>(start, 6));
  return load<u32>(start, 2) === (isLittle ? <u32>0x0000000b : <u32>0x00000b00) && name <= 64 && load<u16>(start, 10) === 0;
}

/** Whether it may begin with that byte. */
export function beginsX11(byte: u8): bool {
  return byte === 0x6c || byte === 0x42;
}
