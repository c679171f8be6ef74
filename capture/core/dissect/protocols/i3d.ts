import {Event} from "../../meter/layout";

/** Voice of games that i3D.net hosts by the words of its handshake, or of the extension that its RTP has. */
export function recogniseI3d(_event: Event, start: usize, end: usize): bool {
  if (start + 74 > end) return false;
  if (load<u32>(start, 4) === 0xa8cf0300) return load<u32>(start) === 0x46000100 || load<u32>(start) === 0x46000200;
  return load<u32>(start, 8) === 0xa9cf0300 && load<u32>(start, 12) === 0x0300debe;
}

/** Whether it may begin with that byte. */
export function beginsI3d(byte: u8): bool {
  return byte === 0 || byte === 0x90;
}
