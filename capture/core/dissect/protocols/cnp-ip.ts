import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** LonWorks over IP (CEA-852, EN 14908-4 §6) by the common header: length, version 1, packet type, header of 20 bytes. */
export function recogniseCnpIp(event: Event, start: usize, end: usize): bool {
  if (start + 20 > end || <usize>u16At(start) !== end - start || load<u8>(start, 2) !== 1) return false;
  const type = load<u8>(start, 3);
  const isPort = event.destinationPort === 1628 || event.destinationPort === 1629 || event.sourcePort === 1628 || event.sourcePort === 1629;
  return isPort && (type === 1 || (type >= 3 && type <= 8) || type >= 0x60);
}

/** Whether it may begin with that byte. */
export function beginsCnpIp(byte: u8): bool {
  return byte <= 5;
}
