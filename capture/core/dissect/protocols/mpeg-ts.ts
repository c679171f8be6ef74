import {Event} from "../../meter/layout";

const PACKET: usize = 188;

/** MPEG transport streams by packets of 188 bytes that each begin with a sync byte (ISO 13818-1 §2.4.3). */
export function recogniseMpegTs(_event: Event, start: usize, end: usize): bool {
  const length = end - start;
  if (length === 0 || length % PACKET !== 0) return false;
  for (let at = start; at < end; at += PACKET) if (load<u8>(at) !== 0x47 || (load<u8>(at, 1) & 0x80) !== 0 || (load<u8>(at, 3) & 0x30) === 0) return false;
  return true;
}

/** Whether it may begin with that byte. */
export function beginsMpegTs(byte: u8): bool {
  return byte === 0x47;
}
