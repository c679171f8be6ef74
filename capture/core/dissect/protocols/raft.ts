import {Event} from "../../meter/layout";

/** The C library of Raft, which clusters agree by: a kind of message and its length, eight bytes each. */
export function recogniseRaft(event: Event, start: usize, end: usize): bool {
  return start + 16 < end && load<u64>(start) >= 1 && load<u64>(start) <= 6 && load<u64>(start, 8) === <u64>(end - start - 16) + <u64>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsRaft(byte: u8): bool {
  return byte >= 1 && byte <= 6;
}
