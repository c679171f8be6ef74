import {Event} from "../../meter/layout";

/** DNP3 by its link header and that header's checksum (IEEE 1815 §9.2). */
export function recogniseDnp3(_event: Event, start: usize, end: usize): bool {
  return (
    start + 10 <= end &&
    load<u8>(start, 1) === 0x64 &&
    load<u8>(start, 2) >= 5 &&
    checksum(start, start + 8) === <u32>load<u16>(start, 8)
  );
}

/** Whether it may begin with that byte. */
export function beginsDnp3(byte: u8): bool {
  return byte === 0x05;
}

/** CRC-16/DNP: polynomial 0x3D65, reflected, inverted. */
function checksum(start: usize, end: usize): u32 {
  let crc: u32 = 0;
  for (let at = start; at < end; at++) {
    crc ^= <u32>load<u8>(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa6bc : crc >> 1;
  }
  return ~crc & 0xffff;
}
