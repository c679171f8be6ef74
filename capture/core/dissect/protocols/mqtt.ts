import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";
import {isText} from "../text";

/** MQTT by its CONNECT packet (MQTT 5.0 §3.1), or a PUBLISH with a topic, where the connection was met behind that. */
export function recogniseMqtt(_event: Event, start: usize, end: usize): bool {
  let at = start + 1;
  let length: u32 = 0;
  let shift: u32 = 0;
  for (; at < end && at < start + 5; at++, shift += 7) {
    length |= <u32>(load<u8>(at) & 0x7f) << shift;
    if (load<u8>(at) < 0x80) break;
  }
  at++;
  if (load<u8>(start) === 0x10) return isText(at, end, "\0\x04MQTT") || isText(at, end, "\0\x06MQIsdp");
  if (at + 3 > end || <usize>length !== end - at) return false;
  const topic = at + 2 + <usize>u16At(at);
  return topic <= end && topic > at + 3 && isPrintable(at + 2, topic);
}

/** Whether it may begin with that byte. */
export function beginsMqtt(byte: u8): bool {
  return byte === 0x10 || (byte >= 0x30 && byte <= 0x35);
}
