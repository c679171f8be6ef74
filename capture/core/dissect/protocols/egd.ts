import {Event} from "../../meter/layout";

/** GE's Ethernet Global Data by a data message's type, version and header, of which the last byte is reserved (GFK-2224). */
export function recogniseEgd(event: Event, start: usize, end: usize): bool {
  const isPort = event.sourcePort === 18246 || event.destinationPort === 18246;
  return isPort && start + 32 <= end && load<u8>(start, 1) === 1 && load<u32>(start, 28) === 0;
}

/** Whether it may begin with that byte. */
export function beginsEgd(byte: u8): bool {
  return byte === 0x0d;
}
