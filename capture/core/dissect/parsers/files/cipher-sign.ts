import {SIGN_BYTES} from "./attack-sign";

/** Bytes that are neither text nor of a format: encrypted ones have as many of every value. */

/** Fewer bytes do not tell. */
const CIPHER_LEAST: usize = 48;

/**
 * Whether the first bytes look encrypted: of even ones 10.9 % are control characters of no text, a half are above 127, and
 * few are zeros, of which formats have many. What zlib packed (RFC 1950 §2.2) is not meant.
 */
export function isCipher(start: usize, end: usize): bool {
  const last = min(end, start + SIGN_BYTES);
  if (start + CIPHER_LEAST > last || isZlib(start)) return false;
  let controls: i32 = 0;
  let high: i32 = 0;
  let zeros: i32 = 0;
  for (let at = start; at < last; at++) {
    const byte = load<u8>(at);
    if (byte > 0x7f) high++;
    else if (byte === 0) zeros++;
    else if (byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d)) controls++;
  }
  const length = <i32>(last - start);
  return controls * 20 >= length && controls * 5 <= length && high * 3 >= length && high * 3 <= length * 2 && zeros * 50 <= length + 50;
}

function isZlib(start: usize): bool {
  return load<u8>(start) === 0x78 && (((<i32>load<u8>(start)) << 8) | load<u8>(start, 1)) % 31 === 0;
}
