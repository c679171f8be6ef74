import {type Protocol, transport} from "../protocol.ts";

/** Telnet by an option negotiation (RFC 854). */
export const telnet: Protocol = {
  name: "telnet",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0xff,
  recognise({bytes, start, end}) {
    const option = bytes[start + 2];
    return end - start >= 3 && bytes[start + 1] >= 0xfa && bytes[start + 1] <= 0xfe && (option <= 49 || option === 255);
  }
};
