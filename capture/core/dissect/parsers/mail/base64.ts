/** Base64 (RFC 4648 §4), a line at a time. */

/** Value of a character, 64 or more where it is none. */
export function base64Value(byte: u8): u32 {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  return byte === 0x2b || byte === 0x2d ? 62 : byte === 0x2f || byte === 0x5f ? 63 : 64;
}

/** Bits left over between two lines: as many as `bitCount`, and the state of a decoder that is not one's own. */
export let bits: u32 = 0;
export let bitCount: u32 = 0;

export function setBits(left: u32, count: u32): void {
  bits = left;
  bitCount = count;
}

/** Decodes what is base64 of the characters, as far as the padding; where the bytes end. */
export function appendDecoded(start: usize, end: usize, to: usize): usize {
  for (let at = start; at < end; at++) {
    const value = base64Value(load<u8>(at));
    if (load<u8>(at) === 0x3d) {
      bitCount = 0;
      break;
    }
    if (value > 63) continue;
    bits = (bits << 6) | value;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    store<u8>(to++, <u8>(bits >> bitCount));
  }
  return to;
}
