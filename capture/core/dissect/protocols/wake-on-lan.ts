import {Event} from "../../meter/layout";
import {isSame} from "../text";

/** Wake-on-LAN by its magic packet: six bytes of ones, sixteen times an address. */
export function recogniseWakeOnLan(_event: Event, start: usize, end: usize): bool {
  if (end - start < 102 || load<u32>(start) !== 0xffffffff || load<u16>(start, 4) !== 0xffff) return false;
  for (let i: usize = 1; i < 16; i++) if (!isSame(start + 6, start + 6 + i * 6, 6)) return false;
  return true;
}

/** Whether it may begin with that byte. */
export function beginsWakeOnLan(byte: u8): bool {
  return byte === 0xff;
}
