/** AES-128 of single blocks (FIPS 197), for header protection: making a cipher of Node's costs as much as twenty of these. */

const rounds = 10;

/** Encrypts the 16 bytes at `at` with a key of 16 bytes; the result is valid until the next call. */
export function encryptBlock(key: Uint8Array, bytes: Uint8Array, at: number): Uint8Array {
  expandKey(key);
  for (let i = 0; i < 16; i++) state[i] = bytes[at + i] ^ roundKeys[i];
  for (let round = 1; round <= rounds; round++) {
    // SubBytes and ShiftRows: the byte in row r of column c comes from column c + r.
    for (let i = 0; i < 16; i++) shifted[i] = sBox[state[(i + 4 * (i & 3)) & 15]];
    const keys = 16 * round;
    if (round === rounds) for (let i = 0; i < 16; i++) state[i] = shifted[i] ^ roundKeys[keys + i];
    else mixColumns(keys);
  }
  return state;
}

const state = new Uint8Array(16);
const shifted = new Uint8Array(16);
const roundKeys = new Uint8Array(16 * (rounds + 1));
const {sBox, double} = tables();

/** MixColumns and AddRoundKey, from `shifted` to `state`. */
function mixColumns(keys: number): void {
  for (let column = 0; column < 16; column += 4) {
    const a = shifted[column];
    const b = shifted[column + 1];
    const c = shifted[column + 2];
    const d = shifted[column + 3];
    const all = a ^ b ^ c ^ d;
    state[column] = a ^ all ^ double[a ^ b] ^ roundKeys[keys + column];
    state[column + 1] = b ^ all ^ double[b ^ c] ^ roundKeys[keys + column + 1];
    state[column + 2] = c ^ all ^ double[c ^ d] ^ roundKeys[keys + column + 2];
    state[column + 3] = d ^ all ^ double[d ^ a] ^ roundKeys[keys + column + 3];
  }
}

/** FIPS 197 §5.2. */
function expandKey(key: Uint8Array): void {
  for (let i = 0; i < 16; i++) roundKeys[i] = key[i];
  let constant = 1;
  for (let i = 16; i < roundKeys.length; i += 4) {
    const isFirst = (i & 15) === 0;
    for (let j = 0; j < 4; j++) {
      const before = isFirst ? sBox[roundKeys[i - 4 + ((j + 1) & 3)]] : roundKeys[i - 4 + j];
      roundKeys[i + j] = roundKeys[i - 16 + j] ^ before;
    }
    if (!isFirst) continue;
    roundKeys[i] ^= constant;
    constant = double[constant];
  }
}

/** The substitution of FIPS 197 §5.1.1, and products with x in its field. */
function tables(): {sBox: Uint8Array; double: Uint8Array} {
  const double = Uint8Array.from({length: 256}, (_, byte) => (byte << 1) ^ (byte & 0x80 ? 0x11b : 0));
  const sBox = new Uint8Array(256);
  sBox[0] = 0x63;
  // Powers of the generator 3, and of its inverse at the same time.
  let power = 1;
  let inverse = 1;
  do {
    power ^= double[power];
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 0xff;
    if (inverse & 0x80) inverse ^= 0x09;
    const turned = (by: number) => (inverse << by) | (inverse >> (8 - by));
    sBox[power] = (inverse ^ turned(1) ^ turned(2) ^ turned(3) ^ turned(4) ^ 0x63) & 0xff;
  } while (power !== 1);
  return {sBox, double};
}
