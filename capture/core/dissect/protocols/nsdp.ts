import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Discovery of Netgear's switches by version, operation, and the word behind both addresses. */
export function recogniseNsdp(_event: Event, start: usize, end: usize): bool {
  return start + 32 <= end && load<u8>(start, 1) >= 1 && load<u8>(start, 1) <= 4 && isText(start + 24, end, "NSDP");
}

/** Whether it may begin with that byte. */
export function beginsNsdp(byte: u8): bool {
  return byte === 1;
}
