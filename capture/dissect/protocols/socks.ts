import {type Protocol, transport} from "../protocol.ts";

/** SOCKS 4 (with 4a) and 5 (RFC 1928 §3) by the client's first message; TLS may follow. */
export const socks: Protocol = {
  name: "socks",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 4 || byte === 5,
  recognise({bytes, start, end}) {
    const length = end - start;
    if (bytes[start] === 5)
      return (
        bytes[start + 1] > 0 &&
        length === 2 + bytes[start + 1] &&
        bytes.subarray(start + 2, end).every((method) => method <= 9 || method >= 0x80)
      );
    const isCommand = bytes[start + 1] === 1 || bytes[start + 1] === 2;
    return length >= 9 && length < 300 && isCommand && bytes[end - 1] === 0;
  }
};
