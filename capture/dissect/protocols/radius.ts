import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** RADIUS by its code and a length that its attributes fill (RFC 2865 §3). */
export const radius: Protocol = {
  name: "radius",
  transports: [transport.udp],
  firstByte: (byte) => (byte >= 1 && byte <= 5) || (byte >= 11 && byte <= 13) || (byte >= 40 && byte <= 45),
  recognise({bytes, start, end}) {
    const last = start + uint16(bytes, start + 2);
    if (end - start < 20 || last > end || last < start + 20) return false;
    let at = start + 20;
    while (at + 2 <= last && bytes[at] > 0 && bytes[at + 1] >= 2) at += bytes[at + 1];
    return at === last && end - last < 4 && last > start + 20;
  }
};
