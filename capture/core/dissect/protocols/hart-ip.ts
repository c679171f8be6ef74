import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** HART-IP by its header: version, kind of message, number of the message, and its length (HCF SPEC-085 §6). */
export function recogniseHartIp(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || <usize>u16At(start + 6) !== end - start) return false;
  const type = load<u8>(start, 1);
  const message = load<u8>(start, 2);
  if ((type > 2 && type !== 15) || message > 3) return false;
  return event.sourcePort === 5094 || event.destinationPort === 5094 || event.sourcePort === 20_004 || event.destinationPort === 20_004;
}

/** Whether it may begin with that byte. */
export function beginsHartIp(byte: u8): bool {
  return byte === 1 || byte === 2;
}
