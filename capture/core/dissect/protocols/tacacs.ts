import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** TACACS+ by its header: version, type, sequence, flags and length (RFC 8907 §4.1). */
export function recogniseTacacs(event: Event, start: usize, end: usize): bool {
  if (start + 12 > end || load<u8>(start, 1) < 1 || load<u8>(start, 1) > 3 || (load<u8>(start, 3) & ~5) !== 0) return false;
  const sequence = load<u8>(start, 2);
  return (event.direction === 0 ? sequence === 1 : sequence === 2) && u32At(start + 8) === <u32>(end - start) - 12 + <u32>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsTacacs(byte: u8): bool {
  return byte === 0xc0 || byte === 0xc1;
}
