import {isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** HTTP/2 in the clear by its connection preface (RFC 9113 §3.4). */
export const http2: Protocol = {
  name: "http2",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x50,
  recognise({bytes, start, end}) {
    return isText(bytes, start, end, "PRI * HTTP/2.0\r\n");
  }
};
