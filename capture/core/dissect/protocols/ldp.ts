import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const PORT = 646;

/** LDP of MPLS routers by its port, version 1, the length of a PDU and a message (RFC 5036 §3.1). */
export function recogniseLdp(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  return start + 18 <= end && u16At(start) === 1 && <usize>u16At(start + 2) + 4 <= end - start && u16At(start + 2) >= 14;
}

/** Whether it may begin with that byte. */
export function beginsLdp(byte: u8): bool {
  return byte === 0;
}
