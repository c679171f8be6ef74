import {Event} from "../../meter/layout";

/** Telephony of Asterisk (IAX2, RFC 5456) by a full frame of the first exchange on port 4569, whose information elements end with it. */
export function recogniseIax(event: Event, start: usize, end: usize): bool {
  if ((event.destinationPort !== 4569 && event.sourcePort !== 4569) || start + 12 > end) return false;
  if (load<u8>(start, 8) > 1 || load<u8>(start, 9) > 1 || load<u8>(start, 10) !== 6 || load<u8>(start, 11) === 0 || load<u8>(start, 11) > 40) return false;
  let at = start + 12;
  while (at + 2 <= end) at += 2 + <usize>load<u8>(at, 1);
  return at === end;
}

/** Whether it may begin with that byte. */
export function beginsIax(byte: u8): bool {
  return byte >= 0x80;
}
