import {uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** QUIC by the version in its long header (RFC 9000 §17.2, RFC 9369, drafts), and Google's before it. */
export const quic: Protocol = {
  name: "quic",
  transports: [transport.udp],
  recognise({bytes, start, end}) {
    if (end - start < 21) return false;
    if (bytes[start] >= 0x80) {
      const version = uint32(bytes, start + 1);
      const isKnown =
        version === 1 ||
        version === 0x6b3343cf ||
        version >>> 8 === 0xff0000 ||
        version >>> 12 === 0xfaceb ||
        // Asks for version negotiation (RFC 9000 §15); the client pads it like any first packet.
        ((version & 0x0f0f0f0f) === 0x0a0a0a0a && end - start >= 1200) ||
        isGoogle(version);
      return isKnown && (bytes[start + 5] <= 20 || isGoogle(version));
    }
    // Public header with version and an 8-byte connection id.
    return (bytes[start] & 0x89) === 0x09 && isGoogle(uint32(bytes, start + 9));
  }
};

/** `Q043`, `Q050`, `T051` … */
const isGoogle = (version: number) => {
  const letter = version >>> 24;
  return (letter === 0x51 || letter === 0x54) && (version & 0x00f0f000) === 0x00303000;
};
