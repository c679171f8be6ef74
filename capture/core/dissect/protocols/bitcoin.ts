import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";

/** Bitcoin and its kin by a network's magic and the name of a message that zeros fill up (protocol documentation, message structure). */
export function recogniseBitcoin(_event: Event, start: usize, end: usize): bool {
  if (start + 20 > end || !isMagic(load<u32>(start))) return false;
  let at = start + 4;
  while (at < start + 16 && load<u8>(at) !== 0) at++;
  if (at < start + 7 || !isPrintable(start + 4, at)) return false;
  for (; at < start + 16; at++) if (load<u8>(at) !== 0) return false;
  return true;
}

/** Whether it may begin with that byte. */
export function beginsBitcoin(byte: u8): bool {
  return byte === 0xf9 || byte === 0x0b || byte === 0xfa || byte === 0x0a || byte === 0xbf || byte === 0xfb || byte === 0xc0;
}

/** Bitcoin's main network, its test networks and regtest; Dash, Litecoin, Dogecoin. */
function isMagic(magic: u32): bool {
  return magic === 0xd9b4bef9 || magic === 0x0709110b || magic === 0xdab5bffa || magic === 0x40cf030a || magic === 0xbd6b0cbf || magic === 0xdbb6c0fb || magic === 0xc0c0c0c0;
}
