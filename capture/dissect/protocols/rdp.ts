import {isText, uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** RDP by its X.224 connection request or confirm ([MS-RDPBCGR] §2.2.1.1); TLS may follow. */
export const rdp: Protocol = {
  name: "rdp",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 3,
  recognise({bytes, start, end}) {
    const length = end - start;
    if (length < 11 || bytes[start + 1] !== 0 || uint16(bytes, start + 2) !== length) return false;
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
