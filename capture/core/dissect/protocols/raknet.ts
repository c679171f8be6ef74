import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** RakNet, which many games use, by the 16 bytes that its offline messages have behind a number and a time. */
export function recogniseRaknet(_event: Event, start: usize, end: usize): bool {
  switch (load<u8>(start)) {
    case 0x01:
    case 0x02:
      return isMagic(start + 9, end);
    case 0x1c:
      return isMagic(start + 17, end);
    case 0x1d:
      return isMagic(start + 9, end);
  }
  // Requests and replies of a connection, refusals; games number them as they like.
  return isMagic(start + 1, end);
}

// @ts-ignore: decorator
@inline
function isMagic(at: usize, end: usize): bool {
  return at + 16 <= end && u32At(at) === 0x00ffff00 && u32At(at + 4) === 0xfefefefe && u32At(at + 8) === 0xfdfdfdfd && u32At(at + 12) === 0x12345678;
}
