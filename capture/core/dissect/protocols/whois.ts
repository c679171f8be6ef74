import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";

/** Who holds a name or an address (RFC 3912): one printable line to port 43, or 4343 of the registries that tell availability alone. */
export function recogniseWhois(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || (event.destinationPort !== 43 && event.destinationPort !== 4343)) return false;
  const length = end - start;
  return length >= 4 && length <= 258 && u16At(end - 2) === 0x0d0a && isPrintable(start, end - 2);
}

/** Whether it may begin with that byte. */
export function beginsWhois(byte: u8): bool {
  return byte > 0x20 && byte < 0x7f;
}
