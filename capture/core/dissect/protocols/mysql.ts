import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** MySQL and MariaDB by the server's greeting (protocol 10) or its refusal; TLS may follow. */
export function recogniseMysql(_event: Event, start: usize, end: usize): bool {
  // Three bytes of length, and the packet's number.
  const length = <usize>(load<u32>(start) & 0xffffff);
  if (start + 20 > end || start + 4 + length !== end || load<u8>(start, 3) !== 0) return false;
  const kind = load<u8>(start, 4);
  if (kind === 0xff) return hasText(start + 7, end, "MYSQL") || hasText(start + 7, end, "MARIADB");
  if (kind !== 10 || !isDigit(load<u8>(start, 5))) return false;
  // Major version, dot.
  const next = load<u8>(start, 6);
  return next === 0x2e || (isDigit(next) && load<u8>(start, 7) === 0x2e);
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}
