import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** RIP by its port, command, version and entries of 20 bytes (RFC 2453 §4), and RIPng (RFC 2080 §2.1). */
export function recogniseRip(event: Event, start: usize, end: usize): bool {
  const port = event.destinationPort;
  const version = load<u8>(start, 1);
  if (port !== 520 && port !== 521 && event.sourcePort !== 520 && event.sourcePort !== 521) return false;
  return end - start >= 24 && (end - start - 4) % 20 === 0 && version <= 2 && u16At(start + 2) === 0;
}

/** Whether it may begin with that byte. */
export function beginsRip(byte: u8): bool {
  return byte === 1 || byte === 2;
}
