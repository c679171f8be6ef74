import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Management of HP's virtual machines by a kind of message and its whole length. */
export function recogniseHpVirtgrp(event: Event, start: usize, end: usize): bool {
  return start + 8 <= end && load<u8>(start, 3) === 0 && <usize>u16At(start + 1) === end - start + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsHpVirtgrp(byte: u8): bool {
  return byte === 0x16;
}
