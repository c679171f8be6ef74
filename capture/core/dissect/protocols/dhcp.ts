import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** DHCP and BOOTP by the magic cookie (RFC 2131 §3). */
export function recogniseDhcp(_event: Event, start: usize, end: usize): bool {
  return start + 240 <= end && beginsDhcp(load<u8>(start)) && u32At(start + 236) === 0x63825363;
}

/** Whether it may begin with that byte. */
export function beginsDhcp(byte: u8): bool {
  return byte === 1 || byte === 2;
}
