import {Event} from "../../meter/layout";
import {isText, lineEnd} from "../text";

/** POP3 by the server's greeting (RFC 1939 §4); TLS may follow. */
export function recognisePop3(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line < start + 4 || load<u8>(line - 1) !== 13) return false;
  return isText(start, end, "+OK ") || isText(start, end, "+OK\r");
}

/** Whether it may begin with that byte. */
export function beginsPop3(byte: u8): bool {
  return byte === 0x2b;
}
