import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** DTLS by its record header (RFC 9147 §4): a handshake, or another record at the beginning of an epoch. */
export const dtls: Protocol = {
  name: "dtls",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 20 && byte <= 23,
  recognise({bytes, start, end}) {
    if (end - start < 14 || bytes[start + 1] !== 0xfe || (bytes[start + 2] !== 0xff && bytes[start + 2] !== 0xfd))
      return false;
    const length = uint16(bytes, start + 11);
    return length > 0 && start + 13 + length <= end;
  }
};
