import {isText, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** POP3 by the server's greeting (RFC 1939 §4); TLS may follow. */
export const pop3: Protocol = {
  name: "pop3",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 0x2b,
  recognise({bytes, start, end}) {
    const line = lineEnd(bytes, start, end);
    if (line < start + 4 || bytes[line - 1] !== 13) return false;
    return isText(bytes, start, end, "+OK ") || isText(bytes, start, end, "+OK\r");
  }
};
