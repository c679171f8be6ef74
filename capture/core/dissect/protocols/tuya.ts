import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Tuya's devices in a local network by the prefix, the length and the suffix of their messages. */
export function recogniseTuya(_event: Event, start: usize, end: usize): bool {
  if (start + 24 > end) return false;
  if (u32At(start) === 0x55aa) return u32At(start + 12) === <u32>(end - start) - 16 && u32At(end - 4) === 0xaa55;
  return u32At(start) === 0x6699 && u32At(end - 4) === 0x9966;
}

/** Whether it may begin with that byte. */
export function beginsTuya(byte: u8): bool {
  return byte === 0;
}
