import {type Protocol, transport} from "../protocol.ts";

/** Syslog by its priority (RFC 5424 §6.2.1), over TCP with or without a length before it (RFC 6587). */
export const syslog: Protocol = {
  name: "syslog",
  transports: [transport.udp, transport.tcp],
  firstByte: (byte) => byte === 0x3c || isDigit(byte),
  recognise({bytes, start, end, proto}) {
    let at = start;
    if (proto === transport.tcp && isDigit(bytes[at])) {
      while (at < end && at - start < 6 && isDigit(bytes[at])) at++;
      if (bytes[at++] !== 0x20) return false;
    }
    if (bytes[at++] !== 0x3c) return false;
    let priority = 0;
    const digits = at;
    while (at < end && at - digits < 3 && isDigit(bytes[at])) priority = priority * 10 + bytes[at++] - 0x30;
    return (
      at > digits &&
      bytes[at] === 0x3e &&
      priority <= 191 &&
      at + 2 < end &&
      bytes[at + 1] >= 0x20 &&
      bytes[at + 1] < 0x7f
    );
  }
};

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
