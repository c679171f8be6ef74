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

/** The last values where they are fewer than eight, with zeros behind them. */
const tail = memory.data(32, 16);

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
    const isWhole = count - i >= 8;
    if (isWhole && isRun(from)) {
      const run = runLength(from, count - i);
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
    if (!isWhole) {
      memory.fill(tail, 0, 32);
      memory.copy(tail, from, (<usize>(count - i)) << 2);
    }
    at = writeGroup(isWhole ? from : tail, bits, at);
    i += 8;
  }
  return at;
}

/** Whether eight values are equal. */
// @ts-ignore: decorator
@inline
function isRun(from: usize): bool {
  const first = v128.load32_splat(from);
  return i32x4.all_true(v128.and(i32x4.eq(v128.load(from), first), i32x4.eq(v128.load(from, 16), first)));
}

/** How often the first value stands in a row: eight times at least. */
// @ts-ignore: decorator
@inline
function runLength(from: usize, most: u32): u32 {
  const value = load<u32>(from);
  let run: u32 = 8;
  while (run < most && load<u32>(from + ((<usize>run) << 2)) === value) run++;
  return run;
}

/** A group of eight values. */
// @ts-ignore: decorator
@inline
function writeGroup(from: usize, bits: u32, at: usize): usize {
  if (bits === 32) {
    memory.copy(at, from, 32);
    return at + 32;
  }
  const halves = i16x8.narrow_i32x4_u(v128.load(from), v128.load(from, 16));
  if (bits === 16) v128.store(at, halves);
  else {
    let packed = <u64>i64x2.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0);
    if (bits < 8) {
      // Bytes are brought together in pairs, these in quarters, these in one.
      const width = <u64>bits;
      packed = (packed | (packed >> (8 - width))) & (0x0001000100010001 * ((1 << (2 * width)) - 1));
      packed = (packed | (packed >> (16 - 2 * width))) & (0x0000000100000001 * ((1 << (4 * width)) - 1));
      packed |= packed >> (32 - 4 * width);
    }
    store<u64>(at, packed);
  }
  return at + <usize>bits;
}

/** ULEB128. */
export function writeVarint(value: u64, to: usize): usize {
  let at = to;
  let rest = value;
  while (rest >= 128) {
    store<u8>(at++, <u8>(rest | 128));
    rest >>= 7;
  }
  store<u8>(at++, <u8>rest);
  return at;
}
