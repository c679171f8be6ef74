import {Event} from "../../meter/layout";
import {hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** NNTP by the server's greeting that names news or the protocol (RFC 3977 §5.1), or a client's first command. */
export function recogniseNntp(event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line === 0) return false;
  if (event.direction === 0) return isTextAnyCase(start, line, "MODE READER\r") || isTextAnyCase(start, line, "AUTHINFO USER ");
  if (!isText(start, end, "200 ") && !isText(start, end, "201 ")) return false;
  return hasText(start + 4, line, "NNTP") || hasText(start + 4, line, "NEWS") || hasText(start + 4, line, "POSTING") || hasText(start + 4, line, "INN ");
}

/** Whether it may begin with that byte. */
export function beginsNntp(byte: u8): bool {
  return byte === 0x32 || (byte | 0x20) === 0x6d || (byte | 0x20) === 0x61;
}
