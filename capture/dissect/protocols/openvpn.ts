import {uint16, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** OpenVPN by a hard reset without or with tls-auth (openvpn-wire-protocol §2). */
export const openvpn: Protocol = {
  name: "openvpn",
  transports: [transport.udp, transport.tcp],
  firstByte: (byte) => byte === 0x38 || byte === 0x40 || byte === 0,
  recognise({bytes, start, end, proto}) {
    const at = proto === transport.tcp ? start + 2 : start;
    if (proto === transport.tcp && uint16(bytes, start) !== end - at) return false;
    const length = end - at;
    if (length < 14 || (bytes[at] !== 0x38 && bytes[at] !== 0x40)) return false;
    // Plain: no acknowledgements, packet 0. With an HMAC of 16, 20 or 32 bytes: packet 1 behind it.
    if (length === 14) return bytes[at + 9] === 0 && uint32(bytes, at + 10) === 0;
    return [16, 20, 32, 64].some((hmac) => end - at >= hmac + 22 && uint32(bytes, at + 9 + hmac) === 1);
  }
};
