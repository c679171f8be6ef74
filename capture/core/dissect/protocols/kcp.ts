import {Event} from "../../meter/layout";

/** KCP, which games and tunnels use for an ordered stream, by segments whose lengths end with the datagram (ikcp.c). */
export function recogniseKcp(_event: Event, start: usize, end: usize): bool {
  let at = start;
  const conversation = load<u32>(start);
  if (conversation === 0) return false;
  for (; at + 24 <= end; at += 24 + <usize>load<u32>(at, 20)) {
    const command = load<u8>(at, 4);
    if (command < 0x51 || command > 0x54 || load<u32>(at) !== conversation || load<u32>(at, 20) > 1500) return false;
    // What only answers carries nothing.
    if (command !== 0x51 && load<u32>(at, 20) !== 0) return false;
    // So much waits for its turn at most.
    if (load<u16>(at, 6) > 4096 || load<u32>(at, 12) - load<u32>(at, 16) + 4096 > 8192) return false;
  }
  return at === end;
}
