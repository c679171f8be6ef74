import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** DHCPv6 by message type and option lengths that end with the message (RFC 8415 §8). */
export const dhcpv6: Protocol = {
  name: "dhcpv6",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 1 && byte <= 36,
  recognise({bytes, start, end, srcPort, dstPort}) {
    const isPort = (srcPort === 546 || srcPort === 547) && (dstPort === 546 || dstPort === 547);
    if (!isPort || bytes[start] < 1 || bytes[start] > 36) return false;
    // Relayed messages carry two addresses before their options.
    let at = start + (bytes[start] === 12 || bytes[start] === 13 ? 34 : 4);
    while (at + 4 <= end) at += 4 + uint16(bytes, at + 2);
    return at === end;
  }
};
