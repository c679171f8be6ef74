import {isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** AMQP by its protocol header (AMQP 0-9-1 §4.2.2, AMQP 1.0 §2.2). */
export const amqp: Protocol = {
  name: "amqp",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x41,
  recognise({bytes, start, end}) {
    return end - start >= 8 && isText(bytes, start, end, "AMQP") && bytes[start + 4] <= 3;
  }
};
