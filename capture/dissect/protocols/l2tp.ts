import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** Control messages of L2TP, version 2 and 3, by flags and length (RFC 2661 §3.1, RFC 3931 §3.2.1); data are decapsulated. */
export const l2tp: Protocol = {
  name: "l2tp",
  transports: [transport.udp],
  firstByte: (byte) => byte === 0xc8,
  recognise: ({bytes, start, end}) =>
    end - start >= 12 && (bytes[start + 1] === 2 || bytes[start + 1] === 3) && uint16(bytes, start + 2) === end - start
};
