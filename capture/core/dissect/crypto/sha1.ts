import {BLOCK, padLast} from "./padding";

/** SHA-1 (FIPS 180-4 §6.1), by which older lists know certificates. */

const STATE: usize = memory.data(20, 16);
const SCHEDULE: usize = memory.data(320, 16);
/** The blocks at the end, padded. */
const LAST: usize = memory.data(128, 16);

/** Writes the digest of `length` bytes to the 20 bytes at `out`. */
export function sha1(bytes: usize, length: usize, out: usize): void {
  store<u32>(STATE, 0x67452301);
  store<u32>(STATE, 0xefcdab89, 4);
  store<u32>(STATE, 0x98badcfe, 8);
  store<u32>(STATE, 0x10325476, 12);
  store<u32>(STATE, 0xc3d2e1f0, 16);
  const end = bytes + (length & ~(BLOCK - 1));
  for (let at = bytes; at < end; at += BLOCK) compress(at);
  const padded = padLast(end, length & (BLOCK - 1), LAST);
  store<u64>(LAST + padded - 8, bswap<u64>(<u64>length << 3));
  compress(LAST);
  if (padded > BLOCK) compress(LAST + BLOCK);
  for (let i: usize = 0; i < 20; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
}

/** FIPS 180-4 §6.1.2; five rounds at a time, so that no variable has to be moved into the next. */
function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let i = SCHEDULE + 64; i < SCHEDULE + 320; i += 4)
    store<u32>(i, rotl<u32>(load<u32>(i - 12) ^ load<u32>(i - 32) ^ load<u32>(i - 56) ^ load<u32>(i - 64), 1));
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  for (let i = SCHEDULE + 0; i < SCHEDULE + 80; i += 20) {
    e += rotl<u32>(a, 5) + (d ^ (b & (c ^ d))) + 0x5a827999 + load<u32>(i, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + (c ^ (a & (b ^ c))) + 0x5a827999 + load<u32>(i, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + (b ^ (e & (a ^ b))) + 0x5a827999 + load<u32>(i, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + (a ^ (d & (e ^ a))) + 0x5a827999 + load<u32>(i, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + (e ^ (c & (d ^ e))) + 0x5a827999 + load<u32>(i, 16);
    c = rotl<u32>(c, 30);
  }
  for (let i = SCHEDULE + 80; i < SCHEDULE + 160; i += 20) {
    e += rotl<u32>(a, 5) + (b ^ c ^ d) + 0x6ed9eba1 + load<u32>(i, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + (a ^ b ^ c) + 0x6ed9eba1 + load<u32>(i, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + (e ^ a ^ b) + 0x6ed9eba1 + load<u32>(i, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + (d ^ e ^ a) + 0x6ed9eba1 + load<u32>(i, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + (c ^ d ^ e) + 0x6ed9eba1 + load<u32>(i, 16);
    c = rotl<u32>(c, 30);
  }
  for (let i = SCHEDULE + 160; i < SCHEDULE + 240; i += 20) {
    e += rotl<u32>(a, 5) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + load<u32>(i, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + load<u32>(i, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + load<u32>(i, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + load<u32>(i, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + load<u32>(i, 16);
    c = rotl<u32>(c, 30);
  }
  for (let i = SCHEDULE + 240; i < SCHEDULE + 320; i += 20) {
    e += rotl<u32>(a, 5) + (b ^ c ^ d) + 0xca62c1d6 + load<u32>(i, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + (a ^ b ^ c) + 0xca62c1d6 + load<u32>(i, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + (e ^ a ^ b) + 0xca62c1d6 + load<u32>(i, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + (d ^ e ^ a) + 0xca62c1d6 + load<u32>(i, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + (c ^ d ^ e) + 0xca62c1d6 + load<u32>(i, 16);
    c = rotl<u32>(c, 30);
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
}
