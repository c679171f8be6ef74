import {Event} from "../../meter/layout";
import {isText} from "../text";

/** tinc by the line that a node greets with: its name and the protocol's version. */
export function recogniseTinc(_event: Event, start: usize, end: usize): bool {
  if (!isText(start, end, "0 ") || load<u8>(end - 1) !== 0x0a || end - start > 128) return false;
  let at = start + 2;
  while (at < end && isWord(load<u8>(at))) at++;
  return at > start + 2 && (isText(at, end, " 17\n") || isText(at, end, " 17."));
}

/** Whether it may begin with that byte. */
export function beginsTinc(byte: u8): bool {
  return byte === 0x30;
}

// @ts-ignore: decorator
@inline
function isWord(byte: u8): bool {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte === 0x5f;
}
