import {encryptBlock} from "./aes128";

/** Authenticated decryption with AES-128 in Galois/Counter Mode (NIST SP 800-38D). */

/**
 * Products of the hash's key: a table of 16 for each of the 32 half bytes of a block, in the order of their bits as a
 * block is loaded. More than Shoup's one table, but made in the time of some blocks, and no lookup waits for another.
 */
const TABLE: usize = 16 * 16;
const PRODUCTS: usize = memory.data(8192, 16);

/** The counter block, what it is encrypted to, and a block of the hash's input that is padded. */
const COUNTER: usize = memory.data(16, 16);
const STREAM: usize = memory.data(16, 16);
const PADDED: usize = memory.data(16, 16);

/**
 * Decrypts `bodyLength` bytes to `out` with the round keys of `expandKey` and a nonce of 12 bytes; false, with nothing
 * written, where the tag of 16 bytes is another.
 */
export function openGcm(
  schedule: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  body: usize,
  bodyLength: usize,
  tag: usize,
  out: usize
): bool {
  v128.store(COUNTER, i64x2.splat(0));
  encryptBlock(schedule, COUNTER, STREAM);
  makeProducts(bswap<u64>(load<u64>(STREAM)), bswap<u64>(load<u64>(STREAM, 8)));
  let hash = absorbed(i64x2.splat(0), aad, aadLength);
  hash = absorbed(hash, body, bodyLength);
  store<u64>(PADDED, bswap<u64>(<u64>aadLength << 3));
  store<u64>(PADDED, bswap<u64>(<u64>bodyLength << 3), 8);
  hash = product(v128.xor(hash, v128.load(PADDED)));
  store<u64>(COUNTER, load<u64>(nonce));
  store<u32>(COUNTER, load<u32>(nonce, 8), 8);
  setCounter(1);
  encryptBlock(schedule, COUNTER, STREAM);
  if (v128.any_true(v128.xor(v128.xor(hash, v128.load(STREAM)), v128.load(tag)))) return false;
  decrypt(schedule, body, bodyLength, out);
  return true;
}

function decrypt(schedule: usize, body: usize, length: usize, out: usize): void {
  let counter: u32 = 2;
  let at: usize = 0;
  for (; at + 16 <= length; at += 16) {
    setCounter(counter++);
    encryptBlock(schedule, COUNTER, STREAM);
    store<u64>(out + at, load<u64>(body + at) ^ load<u64>(STREAM));
    store<u64>(out + at, load<u64>(body + at, 8) ^ load<u64>(STREAM, 8), 8);
  }
  if (at === length) return;
  setCounter(counter);
  encryptBlock(schedule, COUNTER, STREAM);
  for (let i: usize = 0; at < length; i++, at++) store<u8>(out + at, load<u8>(body + at) ^ load<u8>(STREAM + i));
}

// @ts-ignore: decorator
@inline
function setCounter(counter: u32): void {
  store<u32>(COUNTER, bswap<u32>(counter), 12);
}

/** GHASH (SP 800-38D §6.4) of more bytes, the last block filled with zeros. */
function absorbed(hash: v128, bytes: usize, length: usize): v128 {
  const end = bytes + (length & ~15);
  for (let at = bytes; at < end; at += 16) hash = product(v128.xor(hash, v128.load(at)));
  const rest = length & 15;
  if (rest === 0) return hash;
  v128.store(PADDED, i64x2.splat(0));
  memory.copy(PADDED, end, rest);
  return product(v128.xor(hash, v128.load(PADDED)));
}

/** A block times the hash's key: the sum of the products of its half bytes. */
// @ts-ignore: decorator
@inline
function product(block: v128): v128 {
  let low = i64x2.extract_lane(block, 0);
  let high = i64x2.extract_lane(block, 1);
  let even = i64x2.splat(0);
  let odd = i64x2.splat(0);
  for (let table = PRODUCTS; table < PRODUCTS + 16 * TABLE; table += 4 * TABLE) {
    even = v128.xor(even, v128.load(table + <usize>((low << 4) & 0xf0)));
    odd = v128.xor(odd, v128.load(table + <usize>((high << 4) & 0xf0), 4096));
    even = v128.xor(even, v128.load(table + <usize>(low & 0xf0), 256));
    odd = v128.xor(odd, v128.load(table + <usize>(high & 0xf0), 4352));
    even = v128.xor(even, v128.load(table + <usize>((low >> 4) & 0xf0), 512));
    odd = v128.xor(odd, v128.load(table + <usize>((high >> 4) & 0xf0), 4608));
    even = v128.xor(even, v128.load(table + <usize>((low >> 8) & 0xf0), 768));
    odd = v128.xor(odd, v128.load(table + <usize>((high >> 8) & 0xf0), 4864));
    low >>= 16;
    high >>= 16;
  }
  return v128.xor(even, odd);
}

/**
 * Fills the tables from the hash's key, whose first bit is the coefficient of 1 (SP 800-38D §6.3). A block is loaded
 * little endian, so that the low half of a byte, its four higher powers of x, comes first.
 */
function makeProducts(high: u64, low: u64): void {
  for (let i: usize = 0; i < 32; i++) {
    const table = PRODUCTS + (i ^ 1) * TABLE;
    v128.store(table, i64x2.splat(0));
    for (let bit: usize = 8; bit !== 0; bit >>= 1) {
      const at = table + (bit << 4);
      store<u64>(at, bswap<u64>(high));
      store<u64>(at, bswap<u64>(low), 8);
      const carry = low & 1;
      low = (low >> 1) | (high << 63);
      high = (high >> 1) ^ (carry * 0xe100000000000000);
    }
    for (let bit: usize = 2; bit < 16; bit <<= 1) {
      const added = v128.load(table + (bit << 4));
      for (let j: usize = 1; j < bit; j++)
        v128.store(table + ((bit + j) << 4), v128.xor(added, v128.load(table + (j << 4))));
    }
  }
}
