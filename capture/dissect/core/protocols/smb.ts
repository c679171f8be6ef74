import {Event} from "../../../meter/core/layout";
import {isText} from "../text";

/** SMB by its signature behind the session header, version 1 to 3 ([MS-SMB2] §2.2.1). */
export function recogniseSmb(_event: Event, start: usize, end: usize): bool {
  return load<u8>(start, 4) >= 0xfc && isText(start + 5, end, "SMB");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSmb(byte: u8): bool {
  return byte === 0;
}
