import {Event} from "../../meter/layout";
import {hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** IRC by a client's first commands or a server's first words (RFC 2812). */
export function recogniseIrc(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line === 0) return false;
  if (load<u8>(start) === 0x3a) return hasText(start, line, " NOTICE ") || hasText(start, line, " 001 ");
  if (isText(start, end, "NOTICE AUTH")) return true;
  if (isText(start, end, "NICK ") || isText(start, end, "CAP LS")) return true;
  if (isTextAnyCase(start, end, "USER ")) return isUserOfIrc(start, line);
  return isText(start, end, "PASS ") && hasText(line, end, "NICK ");
}

/** Whether a line with USER has IRC's four arguments (RFC 2812 §3.1.3); FTP and POP3 have one. */
export function isUserOfIrc(start: usize, line: usize): bool {
  let spaces = 0;
  for (let at = start; at < line && spaces < 4; at++) {
    if (load<u8>(at) !== 0x20) continue;
    spaces++;
    if (spaces > 1 && at + 1 < line && load<u8>(at, 1) === 0x3a) return true;
  }
  return spaces === 4;
}

/** Whether it may begin with that byte. */
export function beginsIrc(byte: u8): bool {
  return byte === 0x3a || byte === 0x4e || byte === 0x43 || byte === 0x50 || (byte | 0x20) === 0x75;
}
