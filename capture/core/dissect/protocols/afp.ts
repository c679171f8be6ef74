import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Apple's filing protocol by the header of its sessions (DSI): a request or a reply, a command, nothing in the last four bytes, and the length of what follows. */
export function recogniseAfp(event: Event, start: usize, end: usize): bool {
  if (start + 16 > end || load<u8>(start) > 1 || load<u32>(start, 12) !== 0) return false;
  const length = <usize>u32At(start + 8);
  if (length !== end - start - 16 + <usize>event.cut) return false;
  const isReply = load<u8>(start) === 1;
  switch (load<u8>(start, 1)) {
    // Who opens a session says how much it takes at once; a status is asked for with nothing.
    case 3: return isReply ? length > 16 : length === 0 && load<u32>(start, 4) === 0;
    case 4: return length >= 6 && load<u8>(start, 16) <= 2 && load<u8>(start, 17) === 4 && (isReply || load<u32>(start, 4) === 0);
    // AFP's own login is the first command.
    case 2: return !isReply && length > 10 && load<u8>(start, 16) === 18 && isText(start + 18, end, "AFP");
  }
  return false;
}

/** Whether it may begin with that byte. */
export function beginsAfp(byte: u8): bool {
  return byte <= 1;
}
