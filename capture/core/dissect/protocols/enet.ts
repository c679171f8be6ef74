import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** ENet, which many games use, by the command that opens a connection and the answer to it, both sequenced as the first (ENet, protocol.h). */
export function recogniseEnet(_event: Event, start: usize, end: usize): bool {
  if (start + 44 > end || load<u8>(start, 5) !== 0xff || u16At(start + 6) !== 1) return false;
  const isOpening = load<u8>(start, 4) === 0x82;
  if (!isOpening && load<u8>(start, 4) !== 0x83) return false;
  const mtu = u16At(start + 14);
  return u16At(start + 12) === 0 && mtu >= 576 && mtu <= 4096;
}

/** Whether it may begin with that byte. */
export function beginsEnet(byte: u8): bool {
  return byte >= 0x80;
}
