/** HMAC-SHA-256 (RFC 2104, FIPS 180-4) of short messages: a call of Node's costs as much as ten of these. */

const blockBytes = 64;

/** State of a hash after the block that its key makes, from inside and from outside. */
export interface HmacKey {
  readonly inner: Int32Array;
  readonly outer: Int32Array;
}

/** A key of at most 64 bytes; throws where it is longer. */
export function hmacKey(key: Uint8Array): HmacKey {
  if (key.length > blockBytes)
    throw new RangeError(`hmacKey: expected at most ${blockBytes} bytes, found ${key.length}`);
  return {inner: padded(key, 0x36), outer: padded(key, 0x5c)};
}

/** The code of a message of at most 55 bytes, which fits a block; throws where it is longer. */
export function hmac({inner, outer}: HmacKey, message: Uint8Array): Uint8Array {
  if (message.length > blockBytes - 9)
    throw new RangeError(`hmac: expected at most ${blockBytes - 9} bytes, found ${message.length}`);
  block.fill(0);
  block.set(message);
  block[message.length] = 0x80;
  writeLength(blockBytes + message.length);
  state.set(inner);
  compress();
  block.fill(0);
  writeState(block);
  block[32] = 0x80;
  writeLength(blockBytes + 32);
  state.set(outer);
  compress();
  const code = new Uint8Array(32);
  writeState(code);
  return code;
}

const initial = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19
);

const block = new Uint8Array(blockBytes);
const state = new Int32Array(8);
const schedule = new Int32Array(64);
const constants = roundConstants();

function padded(key: Uint8Array, pad: number): Int32Array {
  block.fill(0);
  block.set(key);
  for (let i = 0; i < blockBytes; i++) block[i] ^= pad;
  state.set(initial);
  compress();
  return state.slice();
}

/** Length of the whole message in bytes; it is written in bits, of which two bytes are enough here. */
function writeLength(bytes: number): void {
  block[62] = bytes >> 5;
  block[63] = bytes << 3;
}

function writeState(to: Uint8Array): void {
  for (let i = 0; i < 8; i++) {
    const word = state[i];
    to[4 * i] = word >> 24;
    to[4 * i + 1] = word >> 16;
    to[4 * i + 2] = word >> 8;
    to[4 * i + 3] = word;
  }
}

/** FIPS 180-4 §6.2.2. */
function compress(): void {
  const w = schedule;
  for (let i = 0; i < 16; i++)
    w[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + high + ((e & f) ^ (~e & g)) + constants[i] + w[i]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** First 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
function roundConstants(): Int32Array {
  const found: number[] = [];
  for (let n = 2; found.length < 64; n++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= n && isPrime; divisor++) isPrime = n % divisor !== 0;
    if (isPrime) found.push((Math.cbrt(n) % 1) * 2 ** 32);
  }
  return Int32Array.from(found, (fraction) => Math.floor(fraction) | 0);
}
