import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** Radio over HTTP's ancestor: a source that sends to Icecast, or an answer of SHOUTcast. */
export function recogniseIcecast(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "ICY 200 OK")) return true;
  if (!isText(start, end, "SOURCE /")) return false;
  const last = min(start + 512, end);
  return hasText(start + 8, last, " ICE/1.0") || hasText(start + 8, last, "\nICE-");
}

/** Whether it may begin with that byte. */
export function beginsIcecast(byte: u8): bool {
  return byte === 0x53 || byte === 0x49;
}
