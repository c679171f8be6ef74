import {hasText, isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** XMPP by its stream header (RFC 6120 §4.2); TLS may follow. */
export const xmpp: Protocol = {
  name: "xmpp",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 0x3c,
  recognise({bytes, start, end}) {
    if (isText(bytes, start, end, "<stream:stream")) return true;
    return isText(bytes, start, end, "<?xml") && hasText(bytes, start, Math.min(end, start + 256), "<STREAM:STREAM");
  }
};
