import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Network block devices by the magic words of a server, of a client's options, and of requests and replies (nbd proto.md). */
export function recogniseNbd(_event: Event, start: usize, end: usize): bool {
  if (start + 16 > end) return false;
  if (isText(start, end, "NBDMAGIC")) return isText(start + 8, end, "IHAVEOPT") || u32At(start + 8) === 0x00004202;
  if (isText(start, end, "IHAVEOPT")) return u32At(start + 8) >= 1 && u32At(start + 8) <= 10;
  return (u32At(start) === 0x25609513 && start + 28 <= end && u16At(start + 6) <= 8) || (u32At(start) === 0x67446698 && u32At(start + 4) <= 255);
}

/** Whether it may begin with that byte. */
export function beginsNbd(byte: u8): bool {
  return byte === 0x4e || byte === 0x49 || byte === 0x25 || byte === 0x67;
}
