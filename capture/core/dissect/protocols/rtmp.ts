import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** RTMP by its handshake: version 3, a time, and zero or the version of Flash (Adobe RTMP 1.0 §5.2), in a segment that is filled. */
export function recogniseRtmp(event: Event, start: usize, end: usize): bool {
  if (end - start < 1200 && end - start !== 1537 && event.cut === 0) return false;
  if (end - start < 9) return false;
  // Adobe's clients say which version they are: 9.0.124.2, 10.0.45.2 and so on; servers of theirs 3.0.1.1 and later.
  const version = load<u8>(start, 5);
  return u32At(start + 5) === 0 || (u32At(start + 1) < 0x10000000 && version <= 128 && version >= 1 && load<u8>(start, 6) <= 10 && load<u8>(start, 8) <= 9);
}

/** Whether it may begin with that byte. */
export function beginsRtmp(byte: u8): bool {
  return byte === 3;
}
