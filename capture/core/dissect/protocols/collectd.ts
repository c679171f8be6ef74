import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** collectd by the parts that a datagram is made of, each with type and length, the first the host's name or a signature (binary protocol). */
export function recogniseCollectd(event: Event, start: usize, end: usize): bool {
  const first = u16At(start);
  if (first !== 0 && first !== 0x0200 && first !== 0x0210) return false;
  let at = start;
  let parts = 0;
  for (; at + 4 <= end && parts < 6; parts++) {
    const type = u16At(at);
    const length = <usize>u16At(at + 2);
    if (length < 5 || (type > 9 && type !== 0x100 && type !== 0x101 && type !== 0x200 && type !== 0x210)) return false;
    // The host's name ends with a zero.
    if (parts === 0 && type === 0 && (at + length > end || load<u8>(at + length - 1) !== 0)) return false;
    at += length;
  }
  return (at === end || (parts === 6 && at < end) || event.cut > 0) && (parts > 1 || first === 0x0210);
}

/** Whether it may begin with that byte. */
export function beginsCollectd(byte: u8): bool {
  return byte === 0 || byte === 2;
}
