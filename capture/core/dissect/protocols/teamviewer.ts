import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** TeamViewer by the magic of its commands: `17 24` or `11 30`, over UDP behind eleven bytes. */
export function recogniseTeamviewer(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return start + 5 <= end && isMagic(start) && load<u8>(start, 2) >= 10 && load<u8>(start, 2) <= 0x40;
  return start + 13 < end && load<u8>(start) === 0 && load<u8>(start, 11) === 0x17 && load<u8>(start, 12) === 0x24;
}

/** Whether it may begin with that byte. */
export function beginsTeamviewer(byte: u8): bool {
  return byte === 0x17 || byte === 0x11 || byte === 0;
}

// @ts-ignore: decorator
@inline
function isMagic(at: usize): bool {
  const magic = load<u16>(at);
  return magic === 0x2417 || magic === 0x3011;
}
