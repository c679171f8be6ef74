import {Event} from "../../meter/layout";
import {berContent} from "../text";

/** Catalogues of libraries (Z39.50) by a request or an answer that opens a session: a BER value with a version and options in it. */
export function recogniseZ3950(_event: Event, start: usize, end: usize): bool {
  const at = berContent(start, end);
  if (at === 0 || at + 8 > end) return false;
  // A reference may stand before the version, a string of bits.
  const first = load<u8>(at) === 0x82 ? at + 2 + <usize>load<u8>(at, 1) : at;
  if (first + 8 > end || load<u8>(first) !== 0x83 || load<u8>(first, 1) < 2 || load<u8>(first, 1) > 4) return false;
  return load<u8>(first + 2 + <usize>load<u8>(first, 1)) === 0x84;
}

/** Whether it may begin with that byte. */
export function beginsZ3950(byte: u8): bool {
  return byte === 0xb4 || byte === 0xb5;
}
