import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Android's debug bridge by a message's command, which its header repeats with all bits turned, or by a client's request behind its length in hexadecimal (adb protocol.txt). */
export function recogniseAdb(_event: Event, start: usize, end: usize): bool {
  if (start + 24 <= end && load<u32>(start, 20) === ~load<u32>(start)) return isText(start, end, "CNXN") || isText(start, end, "OPEN") || isText(start, end, "OKAY") || isText(start, end, "CLSE") || isText(start, end, "WRTE") || isText(start, end, "AUTH") || isText(start, end, "SYNC") || isText(start, end, "STLS");
  if (start + 9 > end || !isText(start + 4, end, "host")) return false;
  return load<u8>(start, 8) === 0x3a || load<u8>(start, 8) === 0x2d;
}

/** Whether it may begin with that byte. */
export function beginsAdb(byte: u8): bool {
  return byte === 0x41 || byte === 0x43 || byte === 0x4f || byte === 0x53 || byte === 0x57 || (byte >= 0x30 && byte <= 0x39);
}
