import {Event} from "../../meter/layout";
import {isText} from "../text";

/** HTTP/2 in the clear by its connection preface (RFC 9113 §3.4). */
export function recogniseHttp2(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "PRI * HTTP/2.0\r\n");
}

/** Whether it may begin with that byte. */
export function beginsHttp2(byte: u8): bool {
  return byte === 0x50;
}
