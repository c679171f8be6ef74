import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Discord's voice by the messages with which a client asks for its own address (type, length 70, and fields of that length), and its pings. */
export function recogniseDiscord(_event: Event, start: usize, end: usize): bool {
  if (end - start === 8) return u32At(start) === 0x1337cafe;
  if (end - start !== 74) return false;
  const type = u16At(start);
  return (type === 1 || type === 2) && u16At(start + 2) === 70 && (type === 2 || u32At(start + 8) === 0);
}

/** Whether it may begin with that byte. */
export function beginsDiscord(byte: u8): bool {
  return byte === 0 || byte === 0x13;
}
