import {coreProtocol, transport} from "../protocol.ts";

/** HTTP/1 (RFC 9112); read by `core/protocols/http.ts`. */
export const http = coreProtocol({
  name: "http",
  transports: [transport.tcp],
  firstByte: (byte) => byte >= 0x41 && byte <= 0x5a,
  core: 4
});
