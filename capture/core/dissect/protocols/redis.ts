import {Event} from "../../meter/layout";
import {lineEnd} from "../text";
import {isDigit} from "../parsers/http/http-values";

/** Redis by a command as an array of bulk strings (RESP). */
export function recogniseRedis(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, min(end, start + 12));
  if (line < start + 3 || load<u8>(line - 1) !== 13 || load<u8>(line, 1) !== 0x24) return false;
  for (let at = start + 1; at < line - 1; at++) if (!isDigit(load<u8>(at))) return false;
  return true;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRedis(byte: u8): bool {
  return byte === 0x2a;
}
