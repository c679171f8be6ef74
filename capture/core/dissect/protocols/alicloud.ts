import {Event} from "../../meter/layout";

/** Alibaba's cloud assistant by the magic of its messages, `ce fa be ba`. */
export function recogniseAlicloud(_event: Event, start: usize, end: usize): bool {
  return start + 8 <= end && load<u32>(start) === 0xbabeface;
}

/** Whether it may begin with that byte. */
export function beginsAlicloud(byte: u8): bool {
  return byte === 0xce;
}
