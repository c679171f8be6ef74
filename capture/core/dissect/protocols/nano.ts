import {Event} from "../../meter/layout";

/** Nano's nodes by a network's letters, three versions in order, and a type of message. */
export function recogniseNano(_event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || load<u8>(start) !== 0x52 || load<u8>(start, 1) < 0x41 || load<u8>(start, 1) > 0x43) return false;
  const newest = load<u8>(start, 2);
  const used = load<u8>(start, 3);
  const oldest = load<u8>(start, 4);
  return newest >= 18 && newest <= 32 && used <= newest && used >= oldest && oldest >= 18 && load<u8>(start, 5) >= 2 && load<u8>(start, 5) <= 0x0f;
}

/** Whether it may begin with that byte. */
export function beginsNano(byte: u8): bool {
  return byte === 0x52;
}
