import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Control messages of L2TP, version 2 and 3, by flags and length (RFC 2661 §3.1, RFC 3931 §3.2.1); data are decapsulated. */
export function recogniseL2tp(_event: Event, start: usize, end: usize): bool {
  if (start + 12 > end) return false;
  const version = load<u8>(start, 1);
  return (version === 2 || version === 3) && <usize>u16At(start + 2) === end - start;
}

/** Whether it may begin with that byte. */
export function beginsL2tp(byte: u8): bool {
  return byte === 0xc8;
}
