import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Network access by PANA (RFC 5191) on its port: no bits in the first field, the message's length, a known type. */
export function recognisePana(event: Event, start: usize, end: usize): bool {
  if ((event.destinationPort !== 716 && event.sourcePort !== 716) || start + 16 > end || u16At(start) !== 0) return false;
  return <usize>u16At(start + 2) === end - start + <usize>event.cut && u16At(start + 6) >= 1 && u16At(start + 6) <= 4;
}

/** Whether it may begin with that byte. */
export function beginsPana(byte: u8): bool {
  return byte === 0;
}
