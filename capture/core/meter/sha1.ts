import {reserve} from "./memory";

/** SHA-1 (FIPS 180-4 §6.1) of four messages at once, of one block each, that the caller has padded. */

/** Bytes of a block, and messages that are hashed together: one a lane of a vector. */
export const BLOCK: usize = 64;
export const LANES = 4;

/** The 80 words of the schedule, then the 5 of the digests, each for all lanes. */
let schedule: usize = 0;
let digests: usize = 0;

export function reserveSha1(): void {
  schedule = reserve(80 * 16);
  digests = reserve(5 * 16);
}

/** Word 0 to 4 of a lane's digest. */
// @ts-ignore: decorator
@inline
export function sha1Word(lane: i32, index: i32): u32 {
  return load<u32>(digests + ((<usize>index) << 4) + ((<usize>lane) << 2));
}

// @ts-ignore: decorator
@inline
function word(i: i32): v128 {
  return v128.load(schedule + ((<usize>i) << 4));
}

// @ts-ignore: decorator
@inline
function rotated(value: v128, by: i32): v128 {
  return v128.or(i32x4.shl(value, by), i32x4.shr_u(value, 32 - by));
}

/** The blocks follow one another from `blocks` on. */
export function sha1Blocks(blocks: usize): void {
  for (let i: usize = 0; i < 16; i++)
    for (let lane: usize = 0; lane < <usize>LANES; lane++)
      store<u32>(schedule + (i << 4) + (lane << 2), bswap<u32>(load<u32>(blocks + lane * BLOCK + (i << 2))));
  for (let i = 16; i < 80; i++) {
    const mixed = v128.xor(v128.xor(word(i - 3), word(i - 8)), v128.xor(word(i - 14), word(i - 16)));
    v128.store(schedule + ((<usize>i) << 4), rotated(mixed, 1));
  }
  let a = i32x4.splat(0x67452301);
  let b = i32x4.splat(0xefcdab89);
  let c = i32x4.splat(0x98badcfe);
  let d = i32x4.splat(0x10325476);
  let e = i32x4.splat(0xc3d2e1f0);
  for (let i = 0; i < 80; i++) {
    let f: v128;
    if (i < 20) f = i32x4.add(v128.bitselect(c, d, b), i32x4.splat(0x5a827999));
    else if (i < 40) f = i32x4.add(v128.xor(v128.xor(b, c), d), i32x4.splat(0x6ed9eba1));
    else if (i < 60) f = i32x4.add(v128.or(v128.and(b, c), v128.and(d, v128.or(b, c))), i32x4.splat(0x8f1bbcdc));
    else f = i32x4.add(v128.xor(v128.xor(b, c), d), i32x4.splat(0xca62c1d6));
    const next = i32x4.add(i32x4.add(rotated(a, 5), f), i32x4.add(e, word(i)));
    e = d;
    d = c;
    c = rotated(b, 30);
    b = a;
    a = next;
  }
  v128.store(digests, i32x4.add(a, i32x4.splat(0x67452301)));
  v128.store(digests, i32x4.add(b, i32x4.splat(0xefcdab89)), 16);
  v128.store(digests, i32x4.add(c, i32x4.splat(0x98badcfe)), 32);
  v128.store(digests, i32x4.add(d, i32x4.splat(0x10325476)), 48);
  v128.store(digests, i32x4.add(e, i32x4.splat(0xc3d2e1f0)), 64);
}
