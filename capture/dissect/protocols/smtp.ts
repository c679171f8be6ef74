import {hasText, isText, isTextAnyCase, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** SMTP by a greeting that names it or a client's first command (RFC 5321 §3.1); TLS may follow (STARTTLS). */
export const smtp: Protocol = {
  name: "smtp",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => "2EeHhLl".includes(String.fromCharCode(byte)),
  recognise({bytes, start, end}) {
    if (isText(bytes, start, end, "220 ") || isText(bytes, start, end, "220-")) {
      const line = lineEnd(bytes, start, end);
      return hasText(bytes, start + 4, Math.min(line < 0 ? end : line, start + 512), "SMTP");
    }
    return ["EHLO ", "HELO ", "LHLO "].some((command) => isTextAnyCase(bytes, start, end, command));
  }
};
