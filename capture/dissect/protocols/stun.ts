import {uint16, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/**
 * STUN by its magic cookie (RFC 8489 §5), over TCP also behind the length of a frame (RFC 4571); the older one without
 * cookie (RFC 3489) by its type and attributes that lead to the end, or its port.
 */
export const stun: Protocol = {
  name: "stun",
  transports: [transport.udp, transport.tcp],
  // The first byte of a frame's length may be any.
  firstByte: (byte) => byte < 6,
  recognise({bytes, start, end, proto, srcPort, dstPort}) {
    const isOnPort = srcPort === 3478 || dstPort === 3478 || srcPort === 3479 || dstPort === 3479;
    if (isMessage(bytes, start, end, isOnPort)) return true;
    return (
      proto === transport.tcp && uint16(bytes, start) === end - start - 2 && isMessage(bytes, start + 2, end, false)
    );
  }
};

function isMessage(bytes: Uint8Array, start: number, end: number, isOnPort: boolean): boolean {
  const length = uint16(bytes, start + 2);
  if (end - start < 20 || bytes[start] > 3 || length % 4 !== 0 || end - start < 20 + length) return false;
  if (uint32(bytes, start + 4) === 0x2112a442) return true;
  const type = uint16(bytes, start);
  const isType = type === 0x0001 || type === 0x0101 || type === 0x0111;
  return isType && end - start === 20 + length && (isOnPort || hasAttributes(bytes, start + 20, end));
}

/** RFC 3489 §11.2: types 1 to 11, others from 0x8000 on. */
function hasAttributes(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + 4 <= end) {
    const type = uint16(bytes, at);
    if (type === 0 || (type > 0x0b && type < 0x8000)) return false;
    at += 4 + uint16(bytes, at + 2);
  }
  return at === end && at > start;
}
