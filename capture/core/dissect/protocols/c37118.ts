import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Largest frame of which the checksum is made. */
const MAX_FRAME: usize = 4096;

/** Synchrophasors, IEEE C37.118.2 (§6.2): a sync word with frame type and version, the frame's size and its checksum. */
export function recogniseC37118(_event: Event, start: usize, end: usize): bool {
  const type = load<u8>(start, 1);
  if (start + 16 > end || type >> 4 > 5 || (type & 15) === 0 || (type & 15) > 3) return false;
  const size = <usize>u16At(start + 2);
  if (size < 16 || size > MAX_FRAME || start + size > end) return false;
  return <u32>checksum(start, start + size - 2) === u16At(start + size - 2);
}

/** Whether it may begin with that byte. */
export function beginsC37118(byte: u8): bool {
  return byte === 0xaa;
}

/** CRC-CCITT, initial value of all ones (annex B). */
function checksum(start: usize, end: usize): u16 {
  let crc: u16 = 0xffff;
  for (let at = start; at < end; at++) {
    crc ^= <u16>load<u8>(at) << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc;
}
