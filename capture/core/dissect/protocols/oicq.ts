import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** QQ's older clients by the header of their protocol, whose datagrams end as they began to be counted: with a three. */
export function recogniseOicq(event: Event, start: usize, end: usize): bool {
  if (start + 12 > end || load<u8>(start) !== 2 || u16At(start + 1) < 0x0a00 || u16At(start + 1) > 0x3fff || (load<u8>(end - 1) !== 3 && event.cut === 0)) return false;
  const command = u16At(start + 3);
  return (command >= 1 && command <= 0xb5) || command === 0x3f7;
}

/** Whether it may begin with that byte. */
export function beginsOicq(byte: u8): bool {
  return byte === 2;
}
