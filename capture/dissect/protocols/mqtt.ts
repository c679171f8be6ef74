import {isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** MQTT by its CONNECT packet (MQTT 5.0 §3.1). */
export const mqtt: Protocol = {
  name: "mqtt",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x10,
  recognise({bytes, start, end}) {
    let at = start + 1;
    while (at < end && at < start + 4 && bytes[at] >= 0x80) at++;
    return isText(bytes, at + 1, end, "\0\x04MQTT") || isText(bytes, at + 1, end, "\0\x06MQIsdp");
  }
};
