import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Data of trains (TRDP, IEC 61375-2-3) by a kind of message, version 1, and the length of the data set. */
export function recogniseTrdp(event: Event, start: usize, end: usize): bool {
  if (start + 40 > end || load<u8>(start, 4) !== 1 || (load<u8>(start, 6) !== 0x50 && load<u8>(start, 6) !== 0x4d)) return false;
  const isData = load<u8>(start, 6) === 0x50;
  const header: usize = isData ? 40 : 116;
  const length = <usize>u32At(start + 20);
  const kind = load<u8>(start, 7);
  if (isData ? kind !== 0x64 && kind !== 0x70 && kind !== 0x72 && kind !== 0x65 : kind !== 0x6e && kind !== 0x72 && kind !== 0x70 && kind !== 0x71 && kind !== 0x63 && kind !== 0x65) return false;
  const behind = end - start + <usize>event.cut;
  return length <= 65_388 && behind >= header + length && behind < header + length + 4;
}
