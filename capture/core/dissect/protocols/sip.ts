import {Event} from "../../meter/layout";
import {isText, lineEnd} from "../text";

/** SIP by its request or status line (RFC 3261 §7). */
export function recogniseSip(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "SIP/2.0 ")) return true;
  const line = lineEnd(start, end);
  return line > start + 14 && isText(line - 9, line, " SIP/2.0\r");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSip(byte: u8): bool {
  return byte >= 0x41 && byte <= 0x5a;
}
