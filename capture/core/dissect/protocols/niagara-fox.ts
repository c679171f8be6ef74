import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** Niagara's building automation by a frame of its protocol Fox, of printable words up to a brace. */
export function recogniseNiagaraFox(_event: Event, start: usize, end: usize): bool {
  if (!isText(start, end, "fox ") || start + 14 > end) return false;
  const kind = load<u8>(start, 4);
  return kind >= 0x61 && kind <= 0x7a && load<u8>(start, 5) === 0x20 && hasText(start + 6, min(start + 48, end), " FOX HELLO");
}

/** Whether it may begin with that byte. */
export function beginsNiagaraFox(byte: u8): bool {
  return byte === 0x66;
}
