import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** SoftEther VPN by what its servers tell a client of the client's address, and the port that its NAT traversal asks on. */
export function recogniseSoftether(event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) === 0x41) return event.destinationPort === 5004 && end - start === 1;
  return isText(start, end, "IP=") && hasText(start + 3, min(end, start + 48), ",PORT=");
}

/** Whether it may begin with that byte. */
export function beginsSoftether(byte: u8): bool {
  return byte === 0x49 || byte === 0x41;
}
