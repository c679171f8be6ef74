import {Event} from "../../meter/layout";
import {isText} from "../text";

/**
 * MELSEC's communication protocol (SLMP) of Mitsubishi's controllers in binary: the subheader of a request or an answer of
 * frame 3E or 4E, where it goes to, and the length of what follows (SLMP reference manual §5).
 */
export function recogniseMelsec(_event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  if (first === 0x35 || first === 0x44) return isAscii(start, end);
  if (start + 11 > end || load<u8>(start, 1) !== 0) return false;
  const is4E = first === 0x54 || first === 0xd4;
  if (!is4E) return isFrame(start + 2, end);
  // A serial number and two zeros go before.
  return start + 15 <= end && load<u16>(start, 4) === 0 && isFrame(start + 6, end);
}

/** Whether it may begin with that byte. */
export function beginsMelsec(byte: u8): bool {
  return byte === 0x50 || byte === 0x54 || byte === 0xd0 || byte === 0xd4 || byte === 0x35 || byte === 0x44;
}

/** Network, station, module's I/O number (0x03ff is the controller), multidrop station, length. */
function isFrame(at: usize, end: usize): bool {
  const module = load<u16>(at, 2);
  return module >= 0x3d0 && module <= 0x3ff && load<u8>(at, 4) <= 31 && <usize>load<u16>(at, 5) === end - at - 7;
}

/** The same in ASCII: `5000`, network, station `FF`, module `03FF`. */
function isAscii(start: usize, end: usize): bool {
  const is3E = isText(start, end, "5000") || isText(start, end, "D000");
  return is3E && start + 18 <= end && isText(start + 6, end, "FF03FF");
}
