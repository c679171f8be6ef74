import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** SMPP of short messages by a bind or its answer: length, operation, status, sequence (SMPP 3.4 §3.2). */
export function recogniseSmpp(event: Event, start: usize, end: usize): bool {
  if (start + 16 > end || u32At(start) > <u32>(end - start) + <u32>event.cut || u32At(start) < 16) return false;
  const operation = u32At(start + 4) & 0x7fffffff;
  if (operation !== 1 && operation !== 2 && operation !== 9 && operation !== 0x15) return false;
  return (load<u8>(start, 4) === 0x80 || u32At(start + 8) === 0) && u32At(start + 12) >= 1 && u32At(start + 12) < 0x7fffffff && (load<u8>(start, 4) === 0x80 || u32At(start) >= 23 || operation === 0x15);
}

/** Whether it may begin with that byte. */
export function beginsSmpp(byte: u8): bool {
  return byte === 0;
}
