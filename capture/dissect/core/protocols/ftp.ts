import {Event} from "../../../meter/core/layout";
import {hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** FTP control connections by a greeting that names it or a client's first command (RFC 959, RFC 4217); TLS may follow. */
export function recogniseFtp(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "220 ") || isText(start, end, "220-")) {
    const last = min(end, start + 512);
    return hasText(start + 4, last, "FTP") || hasText(start + 4, last, "FILEZILLA");
  }
  const line = lineEnd(start, end);
  return (
    line > start &&
    load<u8>(line - 1) === 13 &&
    (isTextAnyCase(start, end, "USER ") ||
      isTextAnyCase(start, end, "AUTH TLS") ||
      isTextAnyCase(start, end, "AUTH SSL"))
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsFtp(byte: u8): bool {
  return byte === 0x32 || (byte | 0x20) === 0x75 || (byte | 0x20) === 0x61;
}
