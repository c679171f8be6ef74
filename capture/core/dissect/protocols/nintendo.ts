import {Event} from "../../meter/layout";

/** Games of Nintendo's consoles by the magic of their peers' protocol. */
export function recogniseNintendo(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && load<u32>(start) === 0x6498ab32 && load<u8>(start, 4) <= 0x88;
}

/** Whether it may begin with that byte. */
export function beginsNintendo(byte: u8): bool {
  return byte === 0x32;
}
