import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** DTLS by its record header (RFC 9147 §4): a handshake, or another record at the beginning of an epoch. */
export function recogniseDtls(_event: Event, start: usize, end: usize): bool {
  if (start + 14 > end || load<u8>(start, 1) !== 0xfe) return false;
  const version = load<u8>(start, 2);
  if (version !== 0xff && version !== 0xfd) return false;
  const length = u16At(start + 11);
  return length > 0 && start + 13 + length <= end;
}

/** Whether it may begin with that byte. */
export function beginsDtls(byte: u8): bool {
  return byte >= 20 && byte <= 23;
}
