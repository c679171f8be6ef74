import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Ether-S-Bus of Saia's controllers: the telegram's length, version, kind, and the checksum at its end. */
export function recogniseEtherSBus(_event: Event, start: usize, end: usize): bool {
  const length = end - start;
  if (length < 11 || length > 1024 || u32At(start) !== <u32>length || load<u8>(start, 4) > 1 || load<u8>(start, 5) !== 0 || load<u8>(start, 8) > 2) return false;
  let crc: u16 = 0;
  for (let at = start; at < end - 2; at++) {
    crc ^= <u16>load<u8>(at) << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return <u32>crc === u16At(end - 2);
}

/** Whether it may begin with that byte. */
export function beginsEtherSBus(byte: u8): bool {
  return byte === 0;
}
