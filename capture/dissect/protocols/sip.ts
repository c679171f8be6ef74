import {isText, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** SIP by its request or status line (RFC 3261 §7). */
export const sip: Protocol = {
  name: "sip",
  transports: [transport.udp, transport.tcp],
  firstByte: (byte) => byte >= 0x41 && byte <= 0x5a,
  recognise({bytes, start, end}) {
    if (isText(bytes, start, end, "SIP/2.0 ")) return true;
    const line = lineEnd(bytes, start, end);
    return line > start + 14 && isText(bytes, line - 9, line, " SIP/2.0\r");
  }
};
