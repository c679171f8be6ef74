import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const PORT = 177;

/** X's display manager by its port, version 1, an operation and its length (XDMCP §4). */
export function recogniseXdmcp(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  const operation = u16At(start + 2);
  return start + 6 <= end && u16At(start) === 1 && operation >= 1 && operation <= 14 && <usize>u16At(start + 4) === end - start - 6;
}

/** Whether it may begin with that byte. */
export function beginsXdmcp(byte: u8): bool {
  return byte === 0;
}
