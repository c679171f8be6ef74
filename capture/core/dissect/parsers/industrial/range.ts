import {appendNumber, hexDigit} from "../../text";

/** Writes `7`, or `7-9` of a range; where it ends. */
export function appendRange(first: u32, last: u32, to: usize): usize {
  to = appendNumber(first, to);
  if (last <= first) return to;
  store<u8>(to++, 0x2d);
  return appendNumber(last, to);
}

/** Writes `0x0f`, or `0x010f` above 255; where it ends. */
export function appendCode(value: u32, to: usize): usize {
  store<u16>(to, 0x7830);
  to += 2;
  for (let shift = value > 0xffff ? 28 : value > 0xff ? 12 : 4; shift >= 0; shift -= 4) store<u8>(to++, hexDigit(<u8>((value >> shift) & 15)));
  return to;
}
