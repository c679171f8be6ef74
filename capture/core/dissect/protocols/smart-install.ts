import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const PORT = 4786;

/** Cisco's Smart Install by its port: direction (1 to a switch, 2 from it), version 1, a type of message, and the length behind sixteen bytes. */
export function recogniseSmartInstall(event: Event, start: usize, end: usize): bool {
  if (event.destinationPort !== PORT && event.sourcePort !== PORT) return false;
  if (start + 16 > end || u32At(start + 4) !== 1) return false;
  const sent = u32At(start);
  const type = u32At(start + 8);
  const length = u32At(start + 12);
  return (sent === 1 || sent === 2) && type >= 1 && type <= 9 && length >= 4 && length <= 65_536;
}

/** Whether it may begin with that byte. */
export function beginsSmartInstall(byte: u8): bool {
  return byte === 0;
}
