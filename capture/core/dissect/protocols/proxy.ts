import {u16At, u32At} from "../../meter/bytes";
import {writeAddressText} from "../../encoder/address-text";
import {Event} from "../../meter/layout";
import {allocate, keepText, release} from "../heap";
import {readAddress} from "../parsers/address";
import {openTunnel} from "../parsers/tunnel";
import {Reading} from "../streams/reading";
import {find, isText} from "../text";

/**
 * The PROXY protocol (haproxy.org, proxy-protocol.txt): a header of version 1 (a line) or 2 (binary) in which a proxy says
 * for whom it connects; the client's own bytes follow it at once.
 */

/** Longest line of version 1, with its end. */
const MAX_LINE: usize = 107;

/** Whether the payload begins with a whole header. */
export function recogniseProxy(_event: Event, start: usize, end: usize): bool {
  return headerLength(start, end) > 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsProxy(byte: u8): bool {
  return byte === 0x50 || byte === 0x0d;
}

function headerLength(start: usize, end: usize): usize {
  if (isText(start, end, "PROXY ")) {
    const line = find(0x0a, start, min(end, start + MAX_LINE));
    const isWhole = line !== 0 && load<u8>(line - 1) === 0x0d;
    const isKnown = isText(start + 6, end, "TCP4 ") || isText(start + 6, end, "TCP6 ") || isText(start + 6, end, "UNKNOWN");
    return isWhole && isKnown ? line + 1 - start : 0;
  }
  if (end < start + 16 || u32At(start) !== 0x0d0a0d0a || u32At(start + 4) !== 0x000d0a51 || u32At(start + 8) !== 0x5549540a) return 0;
  const length = 16 + <usize>u16At(start + 14);
  return load<u8>(start, 12) >> 4 === 2 && start + length <= end ? length : 0;
}

@unmanaged
class Header {
  direction: i32 = 0;
  length: i32 = 0;
}

/** State of a new connection; 0 where memory is out. */
export function beginProxy(): usize {
  return allocate(offsetof<Header>());
}

/** Takes the payload that begins with the header; nothing more of the header's is wanted. */
export function takeProxy(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const header = changetype<Header>(state);
  if (reading.proxiedIp === 0) reading.proxiedIp = <u32>clientAddress(start, end);
  header.direction = event.direction;
  header.length = <i32>headerLength(start, end);
  return false;
}

const addressText = memory.data(64);
const addressBytes = memory.data(16);

/** The address for which the proxy connects, kept; 0 where it states none (its own checks, sockets without addresses). */
function clientAddress(start: usize, end: usize): usize {
  if (load<u8>(start) === 0x50) {
    const at = start + 11;
    if (isText(start + 6, end, "UNKNOWN")) return 0;
    const space = find(0x20, at, min(end, at + 40));
    const version = space === 0 ? 0 : readAddress(at, space, addressBytes);
    return version === 0 ? 0 : keepAddress(addressBytes, version);
  }
  // Of commands LOCAL and PROXY the latter; families IPv4 and IPv6 (§2.2).
  const family = load<u8>(start, 13) >> 4;
  const length = u16At(start + 14);
  if ((load<u8>(start, 12) & 15) !== 1 || (family !== 1 && family !== 2) || length < (family === 1 ? 12 : 36)) return 0;
  return keepAddress(start + 16, family === 1 ? 4 : 6);
}

function keepAddress(at: usize, version: i32): usize {
  return keepText(addressText, <u32>(writeAddressText(at, <u8>version, addressText) - addressText));
}

export function endProxy(state: usize, _reading: Reading, _event: Event): void {
  release(state, offsetof<Header>());
}

/** What follows the header. */
export function proxyTunnel(state: usize): usize {
  const header = changetype<Header>(state);
  return header.direction === 0 ? openTunnel(header.length, 0) : openTunnel(0, header.length);
}
