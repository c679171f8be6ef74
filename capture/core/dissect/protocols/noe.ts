import {Event} from "../../meter/layout";

/** Alcatel's telephones by the word that their call server's packets begin with. */
export function recogniseNoe(_event: Event, start: usize, end: usize): bool {
  return start + 25 <= end && load<u32>(start) === 0x6c620600;
}

/** Whether it may begin with that byte. */
export function beginsNoe(byte: u8): bool {
  return byte === 0;
}
