import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const PORT = 8805;

/** PFCP of mobile networks' gateways by version 1, a type of message, its length and port (3GPP TS 29.244 §7.2). */
export function recognisePfcp(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  const type = load<u8>(start, 1);
  return start + 8 <= end && type > 0 && type < 100 && <usize>u16At(start + 2) + 4 === end - start + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsPfcp(byte: u8): bool {
  return byte >= 0x20 && byte <= 0x27;
}
