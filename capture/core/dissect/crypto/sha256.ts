import {BLOCK, padLast} from "./padding";

/** SHA-256 (FIPS 180-4) and HMAC of it (RFC 2104), with keys prepared once for many messages. */

/** Bytes of a digest, and of a prepared key: the states after the key's block, inner before outer. */
export const DIGEST: usize = 32;
export const HMAC_KEY: usize = 64;

/** FIPS 180-4 §5.3.3. */
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
]);

/** First 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
const CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
]);

/** What is hashed now: its state, the schedule of a block, and the blocks at the end that are padded. */
const STATE: usize = memory.data(32, 16);
const SCHEDULE: usize = memory.data(256, 16);
const LAST: usize = memory.data(128, 16);
/** The digest of the inner hash of an HMAC. */
const INNER: usize = memory.data(32, 16);

/** Writes the digest of `length` bytes to the 32 bytes at `out`. */
export function sha256(bytes: usize, length: usize, out: usize): void {
  memory.copy(STATE, INITIAL, DIGEST);
  finish(bytes, length, 0, out);
}

/** Prepares a key of at most 64 bytes (longer ones are hashed first, which nothing here needs). */
export function hmacKey(key: usize, length: usize, prepared: usize): void {
  pad(key, length, 0x3636363636363636, prepared);
  pad(key, length, 0x5c5c5c5c5c5c5c5c, prepared + DIGEST);
}

/** Writes the code of a message to the 32 bytes at `out`. */
export function hmac(prepared: usize, message: usize, length: usize, out: usize): void {
  memory.copy(STATE, prepared, DIGEST);
  finish(message, length, BLOCK, INNER);
  memory.copy(STATE, prepared + DIGEST, DIGEST);
  finish(INNER, DIGEST, BLOCK, out);
}

/** The state after the key's block, all of whose bytes are combined with `pattern`. */
function pad(key: usize, length: usize, pattern: u64, state: usize): void {
  memory.fill(LAST, 0, BLOCK);
  memory.copy(LAST, key, length);
  for (let i: usize = 0; i < BLOCK; i += 8) store<u64>(LAST + i, load<u64>(LAST + i) ^ pattern);
  memory.copy(STATE, INITIAL, DIGEST);
  compress(LAST);
  memory.copy(state, STATE, DIGEST);
}

/** Hashes the bytes that are left after `before` others, a multiple of blocks. */
function finish(bytes: usize, length: usize, before: usize, out: usize): void {
  const end = bytes + (length & ~(BLOCK - 1));
  for (let at = bytes; at < end; at += BLOCK) compress(at);
  const padded = padLast(end, length & (BLOCK - 1), LAST);
  store<u64>(LAST + padded - 8, bswap<u64>(<u64>(before + length) << 3));
  compress(LAST);
  if (padded > BLOCK) compress(LAST + BLOCK);
  for (let i: usize = 0; i < DIGEST; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
}

/** FIPS 180-4 §6.2.2; eight rounds at a time, so that no variable has to be moved into the next. */
function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let i: usize = SCHEDULE + 64; i < SCHEDULE + 256; i += 4) {
    const x = load<u32>(i - 60);
    const y = load<u32>(i - 8);
    const low = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
    const high = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
    store<u32>(i, load<u32>(i - 64) + low + load<u32>(i - 28) + high);
  }
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  for (let i: usize = 0; i < 256; i += 32) {
    h += added(i, e, f, g);
    d += h;
    h += mixed(a, b, c);
    g += added(i + 4, d, e, f);
    c += g;
    g += mixed(h, a, b);
    f += added(i + 8, c, d, e);
    b += f;
    f += mixed(g, h, a);
    e += added(i + 12, b, c, d);
    a += e;
    e += mixed(f, g, h);
    d += added(i + 16, a, b, c);
    h += d;
    d += mixed(e, f, g);
    c += added(i + 20, h, a, b);
    g += c;
    c += mixed(d, e, f);
    b += added(i + 24, g, h, a);
    f += b;
    b += mixed(c, d, e);
    a += added(i + 28, f, g, h);
    e += a;
    a += mixed(b, c, d);
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
  add(20, f);
  add(24, g);
  add(28, h);
}

/** Σ1 and Ch of a round with its constant and word of the schedule. */
// @ts-ignore: decorator
@inline
function added(i: usize, e: u32, f: u32, g: u32): u32 {
  const sum = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
  return sum + (g ^ (e & (f ^ g))) + load<u32>(CONSTANTS + i) + load<u32>(SCHEDULE + i);
}

/** Σ0 and Maj of a round. */
// @ts-ignore: decorator
@inline
function mixed(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
}

// @ts-ignore: decorator
@inline
function add(i: usize, word: u32): void {
  store<u32>(STATE + i, load<u32>(STATE + i) + word);
}
