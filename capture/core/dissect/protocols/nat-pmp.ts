import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const PORT = 5351;

/** NAT-PMP and PCP, which follows it, by their port, an operation and its length (RFC 6886 §3, RFC 6887 §7). */
export function recogniseNatPmp(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  const operation = load<u8>(start, 1);
  const length = end - start;
  if (load<u8>(start) === 2) return length >= 24 && (length & 3) === 0 && (operation & 0x7f) <= 3;
  if (operation === 0) return length === 2;
  if (operation === 128) return length === 12 || (length === 8 && u16At(start + 2) !== 0);
  return operation < 128 ? operation <= 2 && length === 12 : operation <= 130 && (length === 16 || length === 8);
}

/** Whether it may begin with that byte. */
export function beginsNatPmp(byte: u8): bool {
  return byte === 0 || byte === 2;
}
