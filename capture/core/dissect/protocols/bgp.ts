import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** BGP by its marker of all ones, a length and a type (RFC 4271 §4.1). */
export function recogniseBgp(_event: Event, start: usize, end: usize): bool {
  if (start + 19 > end || load<u64>(start) !== 0xffffffffffffffff || load<u64>(start, 8) !== 0xffffffffffffffff) return false;
  const length = u16At(start + 16);
  const type = load<u8>(start, 18);
  return length >= 19 && length <= 4096 && type >= 1 && type <= 5;
}

/** Whether it may begin with that byte. */
export function beginsBgp(byte: u8): bool {
  return byte === 0xff;
}
