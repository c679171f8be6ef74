import {coreProtocol, transport} from "../protocol.ts";

/** QUIC (RFC 9000, RFC 9369, drafts, and Google's before it); read by `core/protocols/quic.ts`. */
export const quic = coreProtocol({
  name: "quic",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 0x80 || (byte & 0x89) === 0x09,
  core: 5
});
