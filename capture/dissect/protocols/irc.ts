import {hasText, isText, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** IRC by a client's first commands or a server's first words (RFC 2812). */
export const irc: Protocol = {
  name: "irc",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x3a || byte === 0x4e || byte === 0x43 || byte === 0x50,
  recognise({bytes, start, end}) {
    const line = lineEnd(bytes, start, end);
    if (line < 0) return false;
    if (bytes[start] === 0x3a) return hasText(bytes, start, line, " NOTICE ") || hasText(bytes, start, line, " 001 ");
    if (isText(bytes, start, end, "NOTICE AUTH")) return true;
    if (isText(bytes, start, end, "NICK ") || isText(bytes, start, end, "CAP LS")) return true;
    return isText(bytes, start, end, "PASS ") && hasText(bytes, line, end, "NICK ");
  }
};
