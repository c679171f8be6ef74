import {isText, uint16, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/**
 * RDP by its X.224 connection request or confirm ([MS-RDPBCGR] §2.2.1.1); TLS may follow. Its UDP transport by the SYN
 * that is padded to the size it asks for ([MS-RDPEUDP] §2.2.2.1).
 */
export const rdp: Protocol = {
  name: "rdp",
  transports: [transport.tcp, transport.udp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 3 || byte === 0xff,
  recognise({bytes, start, end, proto}) {
    const length = end - start;
    if (proto === transport.udp)
      return (
        length >= 1132 &&
        length <= 1232 &&
        uint32(bytes, start) === 0xffffffff &&
        (bytes[start + 7] & 5) === 1 &&
        uint16(bytes, start + 12) <= 1232 &&
        uint16(bytes, start + 12) >= 1132
      );
    if (bytes[start] !== 3 || length < 11 || bytes[start + 1] !== 0 || uint16(bytes, start + 2) !== length)
      return false;
    const type = bytes[start + 5];
    if (type !== 0xe0 && type !== 0xd0) return false;
    if (isText(bytes, start + 11, end, "Cookie: ")) return true;
    // A negotiation request or response of eight bytes ends it.
    return (
      length >= 19 &&
      (bytes[end - 8] === 1 || bytes[end - 8] === 2 || bytes[end - 8] === 3) &&
      bytes[end - 6] === 8 &&
      bytes[end - 5] === 0
    );
  }
};
