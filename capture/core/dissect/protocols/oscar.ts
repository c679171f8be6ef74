import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** AIM and ICQ by the frames of OSCAR: a sign-on with version 1, or data of a known family, with the frame's length. */
export function recogniseOscar(event: Event, start: usize, end: usize): bool {
  if (start + 10 > end || load<u8>(start) !== 0x2a) return false;
  const length = <usize>u16At(start + 4);
  if (length > end - start - 6 && event.cut === 0 && end - start < 512) return false;
  if (load<u8>(start, 1) === 1) return length >= 4 && u32At(start + 6) === 1;
  return load<u8>(start, 1) === 2 && length >= 10 && u16At(start + 6) >= 1 && u16At(start + 6) <= 0x25 && u16At(start + 8) >= 1 && u16At(start + 8) <= 0x40;
}

/** Whether it may begin with that byte. */
export function beginsOscar(byte: u8): bool {
  return byte === 0x2a;
}
