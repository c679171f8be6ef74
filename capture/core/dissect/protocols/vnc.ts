import {Event} from "../../meter/layout";
import {isText} from "../text";

/** VNC by the version that both sides begin with: `RFB 003.008` (RFC 6143 §7.1.1). */
export function recogniseVnc(_event: Event, start: usize, end: usize): bool {
  return start + 12 <= end && isText(start, end, "RFB 00") && load<u8>(start, 7) === 0x2e && load<u8>(start, 11) === 10;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsVnc(byte: u8): bool {
  return byte === 0x52;
}
