import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const TCP = 6;

/** OpenVPN by a hard reset without or with tls-auth (openvpn-wire-protocol §2). */
export function recogniseOpenvpn(event: Event, start: usize, end: usize): bool {
  const isTcp = event.proto === TCP;
  const at = isTcp ? start + 2 : start;
  if (at + 14 > end || (isTcp && <usize>u16At(start) !== end - at)) return false;
  if (load<u8>(at) !== 0x38 && load<u8>(at) !== 0x40) return false;
  // Plain: no acknowledgements, packet 0. With an HMAC of 16, 20, 32 or 64 bytes: packet 1 behind it.
  if (at + 14 === end) return load<u8>(at, 9) === 0 && u32At(at + 10) === 0;
  return isBehind(at, end, 16) || isBehind(at, end, 20) || isBehind(at, end, 32) || isBehind(at, end, 64);
}

/** Whether it may begin with that byte. */
export function beginsOpenvpn(byte: u8): bool {
  return byte === 0x38 || byte === 0x40 || byte === 0;
}

/** Whether packet 1 is behind an HMAC of that many bytes. */
function isBehind(at: usize, end: usize, hmac: usize): bool {
  return at + hmac + 22 <= end && u32At(at + 9 + hmac) === 1;
}
