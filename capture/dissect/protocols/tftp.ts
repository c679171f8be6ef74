import {indexOf, isTextAnyCase} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** TFTP by its read or write request (RFC 1350 §5). */
export const tftp: Protocol = {
  name: "tftp",
  transports: [transport.udp],
  firstByte: (byte) => byte === 0,
  recognise({bytes, start, end}) {
    if (bytes[start + 1] !== 1 && bytes[start + 1] !== 2) return false;
    const name = indexOf(bytes, 0, start + 2, end);
    if (name < start + 3 || bytes[start + 2] < 0x20) return false;
    return ["NETASCII\0", "OCTET\0", "MAIL\0"].some((mode) => isTextAnyCase(bytes, name + 1, end, mode));
  }
};
