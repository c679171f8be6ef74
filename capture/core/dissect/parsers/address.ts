/** Addresses that protocols write as text: their bytes. */

/** Writes the address's 4 or 16 bytes to `to`; its version, 0 where the text is no address (RFC 4291 §2.2, without dots in IPv6). */
export function readAddress(start: usize, end: usize, to: usize): i32 {
  if (readGroups(start, end, to, 0x2e, 10, 255, 1) === 4) return 4;
  const gap = doubleColon(start, end);
  if (gap === 0) return readGroups(start, end, to, 0x3a, 16, 0xffff, 2) === 8 ? 6 : 0;
  const before = gap === start ? 0 : readGroups(start, gap, to, 0x3a, 16, 0xffff, 2);
  const behind = gap + 2 === end ? 0 : readGroups(gap + 2, end, tail, 0x3a, 16, 0xffff, 2);
  if (before < 0 || behind < 0 || before + behind > 7) return 0;
  memory.fill(to + (<usize>before << 1), 0, 16 - (<usize>before << 1));
  memory.copy(to + 16 - (<usize>behind << 1), tail, <usize>behind << 1);
  return 6;
}

const tail = memory.data(16);

/** Where two colons stand that shorten it; 0 without. */
function doubleColon(start: usize, end: usize): usize {
  for (let at = start; at + 1 < end; at++) if (load<u16>(at) === 0x3a3a) return at;
  return 0;
}

/** Writes numbers of `size` bytes, up to 16 bytes of them, that `between` parts; how many they are, -1 where there is anything else. */
function readGroups(start: usize, end: usize, to: usize, between: u8, base: u32, most: u32, size: usize): i32 {
  let groups = 0;
  let value: u32 = 0;
  let digits = 0;
  for (let at = start; at <= end; at++) {
    if (at === end || load<u8>(at) === between) {
      if (digits === 0 || groups === (size === 1 ? 4 : 8)) return -1;
      if (size === 1) store<u8>(to + groups, <u8>value);
      else store<u16>(to + (<usize>groups << 1), bswap<u16>(<u16>value));
      groups++;
      value = digits = 0;
      continue;
    }
    const digit = digitOf(load<u8>(at));
    value = value * base + digit;
    if (digit >= base || value > most || ++digits > 4) return -1;
  }
  return groups;
}

/** Its value as a hexadecimal digit; 255 of another character. */
function digitOf(byte: u8): u32 {
  const lower = byte | 0x20;
  return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 255;
}
