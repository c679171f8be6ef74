import {Event} from "../../meter/layout";
import {isText} from "../text";

/** MQTT by its CONNECT packet (MQTT 5.0 §3.1). */
export function recogniseMqtt(_event: Event, start: usize, end: usize): bool {
  let at = start + 1;
  while (at < end && at < start + 4 && load<u8>(at) >= 0x80) at++;
  return isText(at + 1, end, "\0\x04MQTT") || isText(at + 1, end, "\0\x06MQIsdp");
}

/** Whether it may begin with that byte. */
export function beginsMqtt(byte: u8): bool {
  return byte === 0x10;
}
