import {Event} from "../../meter/layout";
import {find, isTextAnyCase} from "../text";

/** TFTP by its read or write request (RFC 1350 §5). */
export function recogniseTftp(_event: Event, start: usize, end: usize): bool {
  if (load<u8>(start, 1) !== 1 && load<u8>(start, 1) !== 2) return false;
  const name = find(0, start + 2, end);
  if (name < start + 3 || load<u8>(start, 2) < 0x20) return false;
  const mode = name + 1;
  return (
    isTextAnyCase(mode, end, "NETASCII\0") ||
    isTextAnyCase(mode, end, "OCTET\0") ||
    isTextAnyCase(mode, end, "MAIL\0")
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsTftp(byte: u8): bool {
  return byte === 0;
}
