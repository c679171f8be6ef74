import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** Modbus/TCP by its header, whose length is that of the payload (Modbus Messaging Guide §3.1.3). */
export const modbus: Protocol = {
  name: "modbus",
  transports: [transport.tcp],
  recognise({bytes, start, end}) {
    const length = uint16(bytes, start + 4);
    const code = bytes[start + 7] & 0x7f;
    return (
      end - start === 6 + length &&
      length >= 2 &&
      length <= 254 &&
      uint16(bytes, start + 2) === 0 &&
      functions.has(code)
    );
  }
};

/** Public function codes (Modbus Application Protocol §5). */
const functions = new Set([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 90]);
