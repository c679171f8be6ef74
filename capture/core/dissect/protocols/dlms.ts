import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/**
 * Smart meters' DLMS/COSEM by the wrapper before its messages, and the message's tag (IEC 62056-47 §6, IEC 62056-5-3); or
 * by an HDLC frame of type 3 that is the payload (IEC 62056-46 §6.4).
 */
export function recogniseDlms(_event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) === 0x7e) return start + 9 <= end && load<u8>(start, 1) >> 4 === 0x0a && <usize>(u16At(start + 1) & 0x7ff) + 2 === end - start && load<u8>(end - 1) === 0x7e;
  if (start + 10 > end || u16At(start) !== 1 || <usize>u16At(start + 6) !== end - start - 8) return false;
  const from = u16At(start + 2);
  const to = u16At(start + 4);
  // One end is a management (1) or public (16) client or device; other numbers are small.
  if (from === 0 || to === 0 || from > 0x3fff || to > 0x3fff) return false;
  const tag = load<u8>(start, 8);
  return tag === 0x60 || tag === 0x61 || tag === 0x62 || tag === 0x63 || (tag >= 0xc0 && tag <= 0xd1 && tag !== 0xce) || tag === 0x0e || tag === 0x0f;
}

/** Whether it may begin with that byte. */
export function beginsDlms(byte: u8): bool {
  return byte === 0 || byte === 0x7e;
}
