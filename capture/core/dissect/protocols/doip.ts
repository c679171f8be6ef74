import {u16At, u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** Diagnosis of cars over IP (DoIP, ISO 13400-2) by the version and its complement, a type of payload and its length. */
export function recogniseDoip(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || load<u8>(start) !== (load<u8>(start, 1) ^ 0xff)) return false;
  const type = u16At(start + 2);
  if (type > 8 && (type < 0x4001 || type > 0x4004) && (type < 0x8001 || type > 0x8003)) return false;
  const length = <usize>u32At(start + 4);
  if (type === 0 && length !== 1) return false;
  const behind = end - start - 8 + <usize>event.cut;
  return event.proto === TCP ? length <= 0xffff && length >= behind : length === behind;
}

/** Whether it may begin with that byte. */
export function beginsDoip(byte: u8): bool {
  return byte >= 1 && byte <= 3 || byte === 0xff;
}
