import {Event} from "../../meter/layout";

/** SOCKS 4 (with 4a) and 5 (RFC 1928 §3) by the client's first message; TLS may follow. */
export function recogniseSocks(_event: Event, start: usize, end: usize): bool {
  const second = load<u8>(start, 1);
  if (load<u8>(start) === 5) {
    if (second === 0 || start + 2 + second !== end) return false;
    for (let at = start + 2; at < end; at++) if (load<u8>(at) > 9 && load<u8>(at) < 0x80) return false;
    return true;
  }
  const length = end - start;
  return length >= 9 && length < 300 && (second === 1 || second === 2) && load<u8>(end - 1) === 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSocks(byte: u8): bool {
  return byte === 4 || byte === 5;
}
