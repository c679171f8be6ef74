import {Event} from "../../meter/layout";
import {hasText, isText, lineEnd} from "../text";

/** IRC by a client's first commands or a server's first words (RFC 2812). */
export function recogniseIrc(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line === 0) return false;
  if (load<u8>(start) === 0x3a) return hasText(start, line, " NOTICE ") || hasText(start, line, " 001 ");
  if (isText(start, end, "NOTICE AUTH")) return true;
  if (isText(start, end, "NICK ") || isText(start, end, "CAP LS")) return true;
  return isText(start, end, "PASS ") && hasText(line, end, "NICK ");
}

/** Whether it may begin with that byte. */
export function beginsIrc(byte: u8): bool {
  return byte === 0x3a || byte === 0x4e || byte === 0x43 || byte === 0x50;
}
