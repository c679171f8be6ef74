import {uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** DHCP and BOOTP by the magic cookie (RFC 2131 §3). */
export const dhcp: Protocol = {
  name: "dhcp",
  transports: [transport.udp],
  firstByte: (byte) => byte === 1 || byte === 2,
  recognise({bytes, start, end}) {
    return (
      end - start >= 240 && (bytes[start] === 1 || bytes[start] === 2) && uint32(bytes, start + 236) === 0x63825363
    );
  }
};
