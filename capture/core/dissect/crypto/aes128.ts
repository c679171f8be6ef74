/** Encryption of single blocks with AES-128 (FIPS 197). */

const ROUNDS: usize = 10;

/** Bytes of the round keys that a key is expanded to. */
export const KEY_SCHEDULE: usize = 16 * (ROUNDS + 1);

/**
 * For each byte what SubBytes and MixColumns make of it in row 0 of a column; three more tables for the other rows.
 * Bytes 1 of the entries of the first are the substitution itself.
 */
const TABLES: usize = memory.data(4096, 16);

makeTables();

/** Writes the 176 bytes of round keys of a key of 16 bytes (FIPS 197 §5.2). */
export function expandKey(key: usize, schedule: usize): void {
  v128.store(schedule, v128.load(key));
  let before = load<u32>(key, 12);
  let constant: u32 = 1;
  for (let at = schedule; at < schedule + 16 * ROUNDS; at += 16) {
    before = load<u32>(at) ^ substituted(before >> 8, before >> 16, before >> 24, before) ^ constant;
    store<u32>(at, before, 16);
    before ^= load<u32>(at, 4);
    store<u32>(at, before, 20);
    before ^= load<u32>(at, 8);
    store<u32>(at, before, 24);
    before ^= load<u32>(at, 12);
    store<u32>(at, before, 28);
    constant = doubled(constant);
  }
}

/** Encrypts the 16 bytes at `block` to `out`. */
export function encryptBlock(schedule: usize, block: usize, out: usize): void {
  let a = load<u32>(block) ^ load<u32>(schedule);
  let b = load<u32>(block, 4) ^ load<u32>(schedule, 4);
  let c = load<u32>(block, 8) ^ load<u32>(schedule, 8);
  let d = load<u32>(block, 12) ^ load<u32>(schedule, 12);
  const last = schedule + 16 * ROUNDS;
  for (let keys = schedule + 16; keys < last; keys += 16) {
    const a0 = column(a, b, c, d) ^ load<u32>(keys);
    const b0 = column(b, c, d, a) ^ load<u32>(keys, 4);
    const c0 = column(c, d, a, b) ^ load<u32>(keys, 8);
    d = column(d, a, b, c) ^ load<u32>(keys, 12);
    a = a0;
    b = b0;
    c = c0;
  }
  store<u32>(out, substituted(a, b >> 8, c >> 16, d >> 24) ^ load<u32>(last));
  store<u32>(out, substituted(b, c >> 8, d >> 16, a >> 24) ^ load<u32>(last, 4), 4);
  store<u32>(out, substituted(c, d >> 8, a >> 16, b >> 24) ^ load<u32>(last, 8), 8);
  store<u32>(out, substituted(d, a >> 8, b >> 16, c >> 24) ^ load<u32>(last, 12), 12);
}

/** A column after SubBytes, ShiftRows and MixColumns: the byte in row r comes from the r-th of these columns. */
// @ts-ignore: decorator
@inline
function column(a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    load<u32>(<usize>((a << 2) & 0x3fc), TABLES) ^
    load<u32>(<usize>((b >> 6) & 0x3fc), TABLES + 1024) ^
    load<u32>(<usize>((c >> 14) & 0x3fc), TABLES + 2048) ^
    load<u32>(<usize>((d >> 22) & 0x3fc), TABLES + 3072)
  );
}

/** A column of the substituted low bytes. */
// @ts-ignore: decorator
@inline
function substituted(a: u32, b: u32, c: u32, d: u32): u32 {
  return substitute(a) | (substitute(b) << 8) | (substitute(c) << 16) | (substitute(d) << 24);
}

// @ts-ignore: decorator
@inline
function substitute(byte: u32): u32 {
  return load<u8>(<usize>((byte << 2) & 0x3fc), TABLES + 1);
}

/** The product with x in the field of FIPS 197 §4.2. */
// @ts-ignore: decorator
@inline
function doubled(byte: u32): u32 {
  return (byte << 1) ^ ((byte & 0x80) !== 0 ? 0x11b : 0);
}

function makeTables(): void {
  // Powers of the generator 3, and of its inverse at the same time (FIPS 197 §5.1.1).
  let power: u32 = 1;
  let inverse: u32 = 1;
  do {
    power ^= doubled(power);
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 0xff;
    if ((inverse & 0x80) !== 0) inverse ^= 0x09;
    const twice = inverse | (inverse << 8);
    setEntry(power, (inverse ^ (twice >> 7) ^ (twice >> 6) ^ (twice >> 5) ^ (twice >> 4) ^ 0x63) & 0xff);
  } while (power !== 1);
  // 0 has no inverse.
  setEntry(0, 0x63);
}

function setEntry(byte: u32, substitution: u32): void {
  const twice = doubled(substitution);
  const entry = twice | (substitution << 8) | (substitution << 16) | ((twice ^ substitution) << 24);
  const at = TABLES + ((<usize>byte) << 2);
  store<u32>(at, entry);
  store<u32>(at, rotl<u32>(entry, 8), 1024);
  store<u32>(at, rotl<u32>(entry, 16), 2048);
  store<u32>(at, rotl<u32>(entry, 24), 3072);
}
