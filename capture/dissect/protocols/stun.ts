import {uint16, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** STUN by its magic cookie (RFC 8489 §5), without it (RFC 3489) on its port. */
export const stun: Protocol = {
  name: "stun",
  transports: [transport.udp, transport.tcp],
  firstByte: (byte) => byte < 4,
  recognise({bytes, start, end, srcPort, dstPort}) {
    const length = uint16(bytes, start + 2);
    if (end - start < 20 || length % 4 !== 0 || end - start < 20 + length) return false;
    if (uint32(bytes, start + 4) === 0x2112a442) return true;
    const type = uint16(bytes, start);
    const isType = type === 0x0001 || type === 0x0101 || type === 0x0111;
    return (
      isType &&
      end - start === 20 + length &&
      (srcPort === 3478 || dstPort === 3478 || srcPort === 3479 || dstPort === 3479)
    );
  }
};
