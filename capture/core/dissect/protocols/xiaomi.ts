import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Xiaomi's push messages by their word, the length of the rest, and the first field. */
export function recogniseXiaomi(event: Event, start: usize, end: usize): bool {
  return start + 12 <= end && u32At(start) === 0xc2fe0005 && u32At(start + 8) === 0x00020016 && <usize>u32At(start + 4) === end - start - 12 + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsXiaomi(byte: u8): bool {
  return byte === 0xc2;
}
