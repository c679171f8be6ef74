import {uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** WireGuard by the types and lengths of its messages (WireGuard paper §5.4); of data, by the counter's upper half too. */
export const wireguard: Protocol = {
  name: "wireguard",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 1 && byte <= 4,
  recognise({bytes, start, end}) {
    if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0 || bytes[start + 3] !== 0) return false;
    const length = end - start;
    if (bytes[start] < 4) return length === [0, 148, 92, 64][bytes[start]];
    // A keepalive is 32 bytes, packets are padded to 16; a key is used for 2^60 messages at most, and seldom for 2^32.
    return length >= 32 && length % 16 === 0 && uint32(bytes, start + 4) !== 0 && uint32(bytes, start + 12) === 0;
  }
};
