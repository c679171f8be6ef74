import {u16At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Radios that tell routers of their links (DLEP, RFC 8175): a signal by its word, a message on port 854 by type and length. */
export function recogniseDlep(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP) return isText(start, end, "DLEP") && start + 8 <= end && <usize>u16At(start + 6) === end - start - 8 + <usize>event.cut;
  if (event.destinationPort !== 854 && event.sourcePort !== 854) return false;
  return start + 8 <= end && u16At(start) >= 1 && u16At(start) <= 16 && <usize>u16At(start + 2) === end - start - 4 + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsDlep(byte: u8): bool {
  return byte === 0x44 || byte === 0;
}
