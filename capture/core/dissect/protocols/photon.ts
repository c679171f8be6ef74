import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Photon, which many games use, by the command that opens a connection, or the acknowledgement of it that an answer begins with. */
export function recognisePhoton(_event: Event, start: usize, end: usize): bool {
  if (start + 24 > end || load<u8>(start, 2) > 1) return false;
  const command = u32At(start + 12);
  if (command === 0x02ff0104) return u32At(start + 16) === 44 && load<u8>(start, 3) === 1;
  return (command & 0xff00ffff) === 0x01000000 && u32At(start + 16) === 20 && u16At(start + 20) === 0 && load<u8>(start, 3) >= 1 && load<u8>(start, 3) <= 8;
}
