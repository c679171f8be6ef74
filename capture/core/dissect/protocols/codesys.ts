import {Event} from "../../meter/layout";

/** CODESYS V3 by the header of its blocks over TCP: a fixed word, and the length of the block with it. */
export function recogniseCodesys(_event: Event, start: usize, end: usize): bool {
  return start + 8 <= end && load<u32>(start) === 0xe8170100 && load<u32>(start, 4) >= 8 && load<u32>(start, 4) <= 0x10000;
}

/** Whether it may begin with that byte. */
export function beginsCodesys(byte: u8): bool {
  return byte === 0;
}
