/** True where all bytes are visible characters or spaces of ASCII, one at least. */
export function isPrintable(start: usize, end: usize): bool {
  for (let at = start; at < end; at++) if (load<u8>(at) < 0x20 || load<u8>(at) > 0x7e) return false;
  return start < end;
}
