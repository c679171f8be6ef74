import {u16At, u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** IPFIX by its version, the message's length and its first set (RFC 7011 §3.1). */
export function recogniseIpfix(event: Event, start: usize, end: usize): bool {
  if (start + 20 > end || load<u8>(start, 1) !== 10) return false;
  const length = <usize>u16At(start + 2);
  const present = end - start + <usize>event.cut;
  if (event.proto === UDP ? length !== present : length < 20) return false;
  const set = u16At(start + 16);
  return u32At(start + 4) > 820_454_400 && (set === 2 || set === 3 || set >= 256) && <usize>u16At(start + 18) + 16 <= length;
}

/** Whether it may begin with that byte. */
export function beginsIpfix(byte: u8): bool {
  return byte === 0;
}
