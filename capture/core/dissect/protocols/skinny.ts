import {Event} from "../../meter/layout";

const PORT = 2000;

/** Cisco's Skinny of telephones by its port, the length, a version of the header and a message (SCCP). */
export function recogniseSkinny(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT && event.sourcePort !== 2443 && event.destinationPort !== 2443) return false;
  if (start + 12 > end) return false;
  const length = load<u32>(start);
  const version = load<u32>(start, 4);
  return length >= 4 && length < 0x4000 && (version === 0 || (version >= 0x0a && version <= 0x20)) && load<u32>(start, 8) <= 0x9000;
}
