import {Event} from "../../meter/layout";

/** Lustre's network (LNet) by the word that a connection begins with, and its version. */
export function recogniseLustre(_event: Event, start: usize, end: usize): bool {
  return start + 16 <= end && ((load<u32>(start) === 0x45726963 && load<u16>(start, 4) <= 2) || (load<u32>(start) === 0xacce7100 && load<u32>(start, 4) <= 16));
}

/** Whether it may begin with that byte. */
export function beginsLustre(byte: u8): bool {
  return byte === 0x63 || byte === 0 || byte === 0x71;
}
