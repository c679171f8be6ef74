import {Event} from "../../meter/layout";
import {isText, lineEnd} from "../text";

/** RTSP by its request or status line (RFC 7826 §6). */
export function recogniseRtsp(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "RTSP/1.0 ")) return true;
  const line = lineEnd(start, end);
  return line > start + 14 && isText(line - 10, line, " RTSP/1.0\r");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRtsp(byte: u8): bool {
  return byte >= 0x41 && byte <= 0x5a;
}
