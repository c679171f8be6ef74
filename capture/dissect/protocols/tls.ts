import {coreProtocol, transport} from "../protocol.ts";

/** TLS by its record header (RFC 8446 §5.1); read by `core/protocols/tls.ts`. */
export const tls = coreProtocol({
  name: "tls",
  transports: [transport.tcp],
  firstByte: (byte) => byte >= 20 && byte <= 23,
  core: 3
});
