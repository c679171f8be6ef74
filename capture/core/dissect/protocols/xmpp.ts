import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** XMPP by its stream header (RFC 6120 §4.2); TLS may follow. */
export function recogniseXmpp(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "<stream:stream")) return true;
  return isText(start, end, "<?xml") && hasText(start, min(end, start + 256), "<STREAM:STREAM");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsXmpp(byte: u8): bool {
  return byte === 0x3c;
}
