import {berContent, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** Kerberos 5 by the tag of its message and its protocol version (RFC 4120 §5.4). */
export const kerberos: Protocol = {
  name: "kerberos",
  transports: [transport.udp, transport.tcp],
  // Over TCP a length comes first.
  firstByte: (byte) => byte === 0 || tags.has(byte),
  recognise({bytes, start, end, proto}) {
    const at = proto === transport.tcp ? start + 4 : start;
    if (end - at < 12 || !tags.has(bytes[at]) || (proto === transport.tcp && uint32(bytes, start) < end - at))
      return false;
    const sequence = berContent(bytes, at, end);
    if (sequence < 0 || bytes[sequence] !== 0x30) return false;
    const field = berContent(bytes, sequence, end);
    // pvno is field 1 of a request, field 0 of everything else.
    return (
      field > 0 &&
      (bytes[field] === 0xa1 || bytes[field] === 0xa0) &&
      bytes[field + 1] === 3 &&
      bytes[field + 2] === 2 &&
      bytes[field + 4] === 5
    );
  }
};

/** AS, TGS and AP requests and replies, KRB-ERROR. */
const tags = new Set([0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x7e]);
