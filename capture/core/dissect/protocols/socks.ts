import {Event} from "../../meter/layout";

/** SOCKS 4 (with 4a) and 5 (RFC 1928 §3) by the client's first message; TLS may follow. */
export function recogniseSocks(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0) return false;
  const second = load<u8>(start, 1);
  if (load<u8>(start) === 5) {
    if (second === 0 || start + 2 + second !== end) return false;
    for (let at = start + 2; at < end; at++) if (load<u8>(at) > 9 && load<u8>(at) < 0x80) return false;
    return true;
  }
  const length = end - start;
  if (length < 9 || length >= 600 || (second !== 1 && second !== 2)) return false;
  const user = textEnd(start + 8, end);
  if (user === 0 || user === end) return user === end;
  // Version 4a: an address of 0.0.0.x says that a name follows.
  return load<u16>(start, 4) === 0 && load<u8>(start, 6) === 0 && load<u8>(start, 7) !== 0 && textEnd(user, end) === end;
}

/** Behind the zero that ends a text of printable characters; 0 where there is none. */
function textEnd(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === 0) return at + 1;
    if (byte < 0x20 || byte === 0x7f) return 0;
  }
  return 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSocks(byte: u8): bool {
  return byte === 4 || byte === 5;
}
