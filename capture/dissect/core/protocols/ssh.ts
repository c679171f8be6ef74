import {Event} from "../../../meter/core/layout";
import {isText} from "../text";

/** SSH by its identification strings, on any port. */
export function recogniseSsh(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "SSH-1.") || isText(start, end, "SSH-2.");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSsh(byte: u8): bool {
  return byte === 0x53;
}
