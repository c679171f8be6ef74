import {type Protocol, transport} from "../protocol.ts";

/** WireGuard by the types and lengths of its handshake messages (WireGuard paper §5.4). */
export const wireguard: Protocol = {
  name: "wireguard",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 1 && byte <= 3,
  recognise({bytes, start, end}) {
    if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0 || bytes[start + 3] !== 0) return false;
    return end - start === [0, 148, 92, 64][bytes[start]];
  }
};
