import {reserve} from "./memory";

/** SHA-1 (FIPS 180-4 §6.1) over whole blocks that the caller has padded. */

let schedule: usize = 0;
let h0: u32 = 0;
let h1: u32 = 0;
let h2: u32 = 0;
let h3: u32 = 0;
let h4: u32 = 0;

export function reserveSha1(): void {
  schedule = reserve(80 * 4);
}

export function beginSha1(): void {
  h0 = 0x67452301;
  h1 = 0xefcdab89;
  h2 = 0x98badcfe;
  h3 = 0x10325476;
  h4 = 0xc3d2e1f0;
}

/** Word 0 to 4 of the digest. */
export function sha1Word(index: i32): u32 {
  return index === 0 ? h0 : index === 1 ? h1 : index === 2 ? h2 : index === 3 ? h3 : h4;
}

// @ts-ignore: decorator
@inline
function word(i: i32): u32 {
  return load<u32>(schedule + ((<usize>i) << 2));
}

export function sha1Block(block: usize): void {
  for (let i = 0; i < 16; i++) store<u32>(schedule + ((<usize>i) << 2), bswap<u32>(load<u32>(block + ((<usize>i) << 2))));
  for (let i = 16; i < 80; i++) {
    store<u32>(schedule + ((<usize>i) << 2), rotl<u32>(word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16), 1));
  }
  let a = h0;
  let b = h1;
  let c = h2;
  let d = h3;
  let e = h4;
  for (let i = 0; i < 80; i++) {
    let f: u32;
    if (i < 20) f = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) f = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else f = (b ^ c ^ d) + 0xca62c1d6;
    const next = rotl<u32>(a, 5) + f + e + word(i);
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  h0 += a;
  h1 += b;
  h2 += c;
  h3 += d;
  h4 += e;
}
