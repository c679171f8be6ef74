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

function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let i = SCHEDULE + 64; i < SCHEDULE + 320; i += 4)
    store<u32>(i, rotl<u32>(load<u32>(i - 12) ^ load<u32>(i - 32) ^ load<u32>(i - 56) ^ load<u32>(i - 64), 1));
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  for (let i: usize = 0; i < 80; i++) {
    const f = i < 20 ? d ^ (b & (c ^ d)) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (d & (b | c));
    const k: u32 = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
    const t = rotl<u32>(a, 5) + f + e + k + load<u32>(SCHEDULE + (i << 2));
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = t;
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
}
