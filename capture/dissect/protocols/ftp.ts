import {hasText, isText, isTextAnyCase, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** FTP control connections by a greeting that names it or a client's first command (RFC 959, RFC 4217); TLS may follow. */
export const ftp: Protocol = {
  name: "ftp",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => "2UuAa".includes(String.fromCharCode(byte)),
  recognise({bytes, start, end}) {
    if (isText(bytes, start, end, "220 ") || isText(bytes, start, end, "220-")) {
      const last = Math.min(end, start + 512);
      return hasText(bytes, start + 4, last, "FTP") || hasText(bytes, start + 4, last, "FILEZILLA");
    }
    const line = lineEnd(bytes, start, end);
    return (
      line > start &&
      bytes[line - 1] === 13 &&
      ["USER ", "AUTH TLS", "AUTH SSL"].some((command) => isTextAnyCase(bytes, start, end, command))
    );
  }
};
