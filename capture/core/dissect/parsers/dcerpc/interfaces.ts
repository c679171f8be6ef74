import {appendNumber, appendText, hexDigit, isSame} from "../../text";
import {INTERFACES, interfaceTexts, UUIDS} from "./interface-list";

/** Names of interfaces and of their operations. */

/** Number of the interface of that UUID (16 bytes, little endian); -1 where it has no name here. */
export function interfaceOf(uuid: usize): i32 {
  for (let i = 0; i < INTERFACES; i++) if (isSame(UUIDS + (<usize>i << 4), uuid, 16)) return i;
  return -1;
}

/** Writes its name; where it ends. */
export function appendInterface(number: i32, to: usize): usize {
  return appendWord(interfaceTexts[number], 0, to);
}

/** Writes the name of its operation `opnum`; where it ends, `to` where it has none. */
export function appendOperation(number: i32, opnum: i32, to: usize): usize {
  const last = appendWord(interfaceTexts[number], opnum + 1, to);
  return last === to + 1 && load<u8>(to) === 0x2d ? to : last;
}

/** Writes the n-th of words between spaces. */
function appendWord(text: string, n: i32, to: usize): usize {
  let at = changetype<usize>(text);
  const end = at + (<usize>text.length << 1);
  for (; n > 0 && at < end; at += 2) if (load<u16>(at) === 0x20) n--;
  for (; at < end && load<u16>(at) !== 0x20; at += 2) store<u8>(to++, load<u8>(at));
  return to;
}

/** Writes a UUID that is little endian, as text; where it ends. */
export function appendUuid(uuid: usize, to: usize): usize {
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) store<u8>(to++, 0x2d);
    const byte = load<u8>(uuid + <usize>(i < 4 ? 3 - i : i < 6 ? 9 - i : i < 8 ? 13 - i : i));
    store<u8>(to, hexDigit(byte >> 4));
    store<u8>(to, hexDigit(byte & 15), 1);
    to += 2;
  }
  return to;
}

/** Writes a version, major and minor in one number as a syntax has them; where it ends. */
export function appendVersion(version: u32, to: usize): usize {
  to = appendNumber(version & 0xffff, to);
  return appendNumber(version >> 16, appendText(".", to));
}
