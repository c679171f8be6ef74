import {type Protocol, transport} from "../protocol.ts";

/** NTP (RFC 5905 §7.3) by the fields of its header; control messages on port 123 only. */
export const ntp: Protocol = {
  name: "ntp",
  transports: [transport.udp],
  recognise({bytes, start, end, srcPort, dstPort}) {
    const length = end - start;
    const mode = bytes[start] & 7;
    const version = (bytes[start] >> 3) & 7;
    const isPort = srcPort === 123 || dstPort === 123;
    if (version < 1 || version > 4 || length < 8) return false;
    if (isPort && mode >= 6) return true;
    if (mode < 1 || mode > 5 || length < 48 || bytes[start + 1] > 16) return false;
    if (isPort) return true;
    // Elsewhere the poll interval and the precision (a negative power of two) must be plausible too.
    return length === 48 && version >= 3 && bytes[start + 2] <= 17 && bytes[start + 3] >= 0xe0;
  }
};
