import {Event} from "../../meter/layout";
import {hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** SMTP by a greeting that names it or a client's first command (RFC 5321 §3.1); TLS may follow (STARTTLS). */
export function recogniseSmtp(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "220 ") || isText(start, end, "220-")) {
    const line = lineEnd(start, end);
    return hasText(start + 4, min(line === 0 ? end : line, start + 512), "SMTP");
  }
  return isTextAnyCase(start, end, "EHLO ") || isTextAnyCase(start, end, "HELO ") || isTextAnyCase(start, end, "LHLO ");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSmtp(byte: u8): bool {
  return byte === 0x32 || (byte | 0x20) === 0x65 || (byte | 0x20) === 0x68 || (byte | 0x20) === 0x6c;
}
