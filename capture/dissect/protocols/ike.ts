import {uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** IKE, version 1 and 2, by its header (RFC 7296 §3.1), behind four zero bytes where it shares ESP's port (RFC 3948 §2.2). */
export const ike: Protocol = {
  name: "ike",
  transports: [transport.udp],
  recognise({bytes, start, end}) {
    const at = uint32(bytes, start) === 0 ? start + 4 : start;
    if (end - at < 28 || uint32(bytes, at + 24) !== end - at) return false;
    const exchange = bytes[at + 18];
    const isExchange =
      bytes[at + 17] === 0x20
        ? exchange >= 34 && exchange <= 43
        : bytes[at + 17] === 0x10 && ((exchange >= 1 && exchange <= 6) || exchange === 32 || exchange === 33);
    return isExchange && (uint32(bytes, at) !== 0 || uint32(bytes, at + 4) !== 0);
  }
};
