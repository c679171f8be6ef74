import {Event} from "../../meter/layout";

/** ZeroMQ by its signature: ff, eight bytes, 7f (ZMTP 3.0 §3.1). */
export function recogniseZeromq(_event: Event, start: usize, end: usize): bool {
  return start + 10 <= end && load<u8>(start, 9) === 0x7f && load<u32>(start, 1) === 0 && load<u8>(start, 8) <= 1;
}

/** Whether it may begin with that byte. */
export function beginsZeromq(byte: u8): bool {
  return byte === 0xff;
}
