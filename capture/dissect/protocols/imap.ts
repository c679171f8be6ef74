import {isTextAnyCase} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** IMAP by the server's greeting, or a client's tagged first command (RFC 9051 §7.1); TLS may follow. */
export const imap: Protocol = {
  name: "imap",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 0x2a || isTagCharacter(byte),
  recognise({bytes, start, end}) {
    if (bytes[start] === 0x2a)
      return ["* OK", "* PREAUTH", "* BYE"].some((greeting) => isTextAnyCase(bytes, start, end, greeting));
    let at = start;
    while (at < end && at - start < 12 && isTagCharacter(bytes[at])) at++;
    if (at === start || bytes[at] !== 0x20) return false;
    return ["CAPABILITY\r\n", "LOGIN ", "STARTTLS\r\n", "AUTHENTICATE ", "ID ("].some((command) =>
      isTextAnyCase(bytes, at + 1, end, command)
    );
  }
};

const isTagCharacter = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2e;
