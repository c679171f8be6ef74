import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** eDonkey and eMule by the header of their messages: protocol, length, and the operation of a first one. */
export function recogniseEdonkey(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP || start + 6 > end) return false;
  if (load<u32>(start, 1) !== <u32>(end - start) - 5 + <u32>event.cut) return false;
  const operation = load<u8>(start, 5);
  return operation === 0x01 || operation === 0x4c || operation === 0x14 || operation === 0x38 || operation === 0x40;
}

/** Whether it may begin with that byte. */
export function beginsEdonkey(byte: u8): bool {
  return byte === 0xe3 || byte === 0xc5;
}
