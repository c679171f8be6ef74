/** Bits a number of that size is packed in: whole bytes where it takes more than four, which zstd compresses better. */
// @ts-ignore: decorator
@inline
export function packedBits(distinct: u32): u32 {
  if (distinct <= 2) return 1;
  if (distinct <= 4) return 2;
  if (distinct <= 16) return 4;
  if (distinct <= 256) return 8;
  return distinct <= 65536 ? 16 : 32;
}

/** Groups of eight values that one header of one byte can announce. */
const MOST_GROUPS: u32 = 63;

/**
 * Writes numbers (u32) by Parquet's hybrid of runs and bit-packed groups of eight, least significant bit first; where
 * it ends. `bits`: 1, 2, 4, 8, 16 or 32. Parquet format, Encodings: RLE / bit-packing hybrid (3).
 */
export function writeHybrid(values: usize, count: u32, bits: u32, to: usize): usize {
  let at = to;
  let header: usize = 0;
  let groups: u32 = 0;
  for (let i: u32 = 0; i < count; ) {
    const from = values + ((<usize>i) << 2);
    const run = runLength(from, count - i);
    if (run >= 8) {
      header = 0;
      at = writeVarint(run << 1, at);
      store<u32>(at, load<u32>(from));
      at += (bits + 7) >> 3;
      i += run;
      continue;
    }
    if (header === 0 || groups === MOST_GROUPS) {
      header = at++;
      groups = 0;
    }
    groups++;
    store<u8>(header, (groups << 1) | 1);
    at = writeGroup(from, min<u32>(8, count - i), bits, at);
    i += 8;
  }
  return at;
}

/** How often the first value stands in a row. */
// @ts-ignore: decorator
@inline
function runLength(from: usize, most: u32): u32 {
  const value = load<u32>(from);
  let run: u32 = 1;
  while (run < most && load<u32>(from + ((<usize>run) << 2)) === value) run++;
  return run;
}

// @ts-ignore: decorator
@inline
function writeGroup(from: usize, count: u32, bits: u32, at: usize): usize {
  if (bits < 8) {
    let packed: u64 = 0;
    for (let k: u32 = 0; k < count; k++) packed |= (<u64>load<u32>(from + ((<usize>k) << 2))) << (k * bits);
    store<u64>(at, packed);
  } else if (bits === 8) {
    for (let k: u32 = 0; k < count; k++) store<u8>(at + <usize>k, <u8>load<u32>(from + ((<usize>k) << 2)));
    for (let k = count; k < 8; k++) store<u8>(at + <usize>k, 0);
  } else if (bits === 16) {
    for (let k: u32 = 0; k < count; k++) store<u16>(at + ((<usize>k) << 1), <u16>load<u32>(from + ((<usize>k) << 2)));
    for (let k = count; k < 8; k++) store<u16>(at + ((<usize>k) << 1), 0);
  } else {
    for (let k: u32 = 0; k < count; k++) store<u32>(at + ((<usize>k) << 2), load<u32>(from + ((<usize>k) << 2)));
    for (let k = count; k < 8; k++) store<u32>(at + ((<usize>k) << 2), 0);
  }
  return at + <usize>bits;
}

/** ULEB128. */
export function writeVarint(value: u32, to: usize): usize {
  let at = to;
  let rest = value;
  while (rest >= 128) {
    store<u8>(at++, <u8>(rest | 128));
    rest >>= 7;
  }
  store<u8>(at++, <u8>rest);
  return at;
}
