import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** RTCP by a compound packet: a report first, and lengths that lead to its end (RFC 3550 §6.1, §A.2). */
export const rtcp: Protocol = {
  name: "rtcp",
  transports: [transport.udp],
  firstByte: (byte) => byte >> 6 === 2,
  recognise({bytes, start, end}) {
    if (end - start < 8 || (bytes[start + 1] !== 200 && bytes[start + 1] !== 201)) return false;
    for (let at = start; at < end; at += 4 * (uint16(bytes, at + 2) + 1)) {
      if (at + 4 > end || bytes[at] >> 6 !== 2 || bytes[at + 1] < 192 || bytes[at + 1] > 223) return false;
      if (at + 4 * (uint16(bytes, at + 2) + 1) > end) return false;
    }
    return true;
  }
};
