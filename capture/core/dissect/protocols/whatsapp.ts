import {Event} from "../../meter/layout";
import {isText} from "../text";

/** WhatsApp by the header that its client begins with: `WA` with a version, or `ED` before edge routing (of its Noise handshake). */
export function recogniseWhatsapp(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || start + 8 > end) return false;
  if (isText(start, end, "WA")) {
    const major = load<u8>(start, 2);
    return major >= 1 && major <= 6 && load<u8>(start, 3) <= 30;
  }
  return isText(start, end, "ED\x00\x01");
}

/** Whether it may begin with that byte. */
export function beginsWhatsapp(byte: u8): bool {
  return byte === 0x57 || byte === 0x45;
}
