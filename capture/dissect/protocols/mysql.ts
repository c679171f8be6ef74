import {hasText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** MySQL and MariaDB by the server's greeting (protocol 10) or its refusal; TLS may follow. */
export const mysql: Protocol = {
  name: "mysql",
  transports: [transport.tcp],
  mayTurnTls: true,
  recognise({bytes, start, end}) {
    const length = bytes[start] | (bytes[start + 1] << 8) | (bytes[start + 2] << 16);
    if (end - start < 20 || length + 4 !== end - start || bytes[start + 3] !== 0) return false;
    if (bytes[start + 4] === 0xff)
      return hasText(bytes, start + 7, end, "MYSQL") || hasText(bytes, start + 7, end, "MARIADB");
    // Major version, dot.
    return (
      bytes[start + 4] === 10 &&
      isDigit(bytes[start + 5]) &&
      (bytes[start + 6] === 0x2e || (isDigit(bytes[start + 6]) && bytes[start + 7] === 0x2e))
    );
  }
};

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
