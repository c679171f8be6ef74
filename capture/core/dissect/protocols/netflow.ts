import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** NetFlow by its version and what follows from it: versions 1, 5 and 7 by the records' size, 9 by its first flow set (RFC 3954 §5). */
export function recogniseNetflow(event: Event, start: usize, end: usize): bool {
  if (start + 16 > end) return false;
  const count = u16At(start + 2);
  const length = end - start + <usize>event.cut;
  const seconds = u32At(start + 8);
  if (count === 0 || !isRecent(seconds)) return false;
  switch (u16At(start)) {
    case 1:
      return count <= 24 && length === 16 + <usize>count * 52;
    case 5:
      return count <= 30 && length === 24 + <usize>count * 48;
    case 7:
      return count <= 28 && length === 24 + <usize>count * 52;
    case 9: {
      if (start + 24 > end) return false;
      const set = u16At(start + 20);
      const bytes = <usize>u16At(start + 22);
      return (set <= 1 || set >= 256) && bytes >= 4 && bytes + 20 <= length;
    }
  }
  return false;
}

/** Whether it may begin with that byte. */
export function beginsNetflow(byte: u8): bool {
  return byte === 0;
}

/** From 1996 to 2096; exporters without a clock begin with 1970. */
// @ts-ignore: decorator
@inline
function isRecent(seconds: u32): bool {
  return (seconds > 820_454_400 && seconds < 3_976_214_400) || seconds < 31_536_000;
}
