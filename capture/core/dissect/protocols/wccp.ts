import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Caches and the routers that lead traffic to them (WCCP) on port 2048: a kind of message, its version and length. */
export function recogniseWccp(event: Event, start: usize, end: usize): bool {
  if ((event.destinationPort !== 2048 && event.sourcePort !== 2048) || start + 8 > end) return false;
  const kind = u32At(start);
  if (kind < 7 || kind > 13) return false;
  return kind < 10 ? u32At(start + 4) === 4 : u16At(start + 4) >> 8 === 2 && <usize>u16At(start + 6) === end - start - 8 + <usize>event.cut;
}

/** Whether it may begin with that byte. */
export function beginsWccp(byte: u8): bool {
  return byte === 0;
}
