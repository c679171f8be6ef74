/** Bytes of a block of MD5 and SHA-256. */
export const BLOCK: usize = 64;

/**
 * Writes the last `rest` bytes of a message, and the padding behind them but for its length (RFC 1321 §3.1, FIPS 180-4
 * §5.1.1), to `last`; how many bytes, one block or two, of which the last eight are the length's.
 */
export function padLast(bytes: usize, rest: usize, last: usize): usize {
  const padded = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  memory.fill(last, 0, padded);
  memory.copy(last, bytes, rest);
  store<u8>(last + rest, 0x80);
  return padded;
}
