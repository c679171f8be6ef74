import {berContent} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** LDAP by its message envelope and operation (RFC 4511 §4.1.1); TLS may follow. */
export const ldap: Protocol = {
  name: "ldap",
  transports: [transport.tcp, transport.udp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 0x30,
  recognise({bytes, start, end}) {
    const id = berContent(bytes, start, end);
    if (id < 0 || bytes[id] !== 2 || bytes[id + 1] < 1 || bytes[id + 1] > 4) return false;
    const operation = id + 2 + bytes[id + 1];
    return operation + 2 <= end && operations.has(bytes[operation]);
  }
};

/** Bind, unbind, search, modify, add, delete, rename, compare, abandon and extended, and their responses. */
const operations = new Set([
  0x60, 0x61, 0x42, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x4a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x50, 0x73, 0x77, 0x78
]);
