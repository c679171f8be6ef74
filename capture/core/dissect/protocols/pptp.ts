import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** PPTP's control connections by length, type and magic (RFC 2637 §1.4). */
export function recognisePptp(_event: Event, start: usize, end: usize): bool {
  return start + 12 <= end && <usize>u16At(start) <= end - start && u16At(start) >= 12 && u16At(start + 2) === 1 && u32At(start + 4) === 0x1a2b3c4d;
}

/** Whether it may begin with that byte. */
export function beginsPptp(byte: u8): bool {
  return byte === 0;
}
