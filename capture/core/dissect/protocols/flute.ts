import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** Files by multicast (FLUTE, RFC 6726) by the XML that tells of them, behind the header of layered coding. */
export function recogniseFlute(_event: Event, start: usize, end: usize): bool {
  const header = <usize>load<u8>(start, 2) << 2;
  return start + header + 64 < end && isText(start + header + 4, end, "<?xml") && hasText(start + header + 9, min(start + header + 140, end), "<FDT-INSTANCE");
}

/** Whether it may begin with that byte. */
export function beginsFlute(byte: u8): bool {
  return byte === 0x10;
}
