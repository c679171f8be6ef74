import {writeVarint} from "./hybrid";

/** Values of a block, and of each of its four parts, which have widths of their own. */
const BLOCK: u32 = 128;
const PART: u32 = 32;
const PARTS: u32 = 4;
/** Bytes that a value may take on average; beyond, the values are written as they are. */
const MOST_BYTES: usize = 6;

const deltas = memory.data(<i32>BLOCK * 8, 16);

/**
 * Writes `count` numbers of 64 bits by what each adds to the one before it, packed in as many bits as a part's largest
 * needs above the block's least (Parquet format, Encodings: DELTA_BINARY_PACKED, 5); where it ends. 0 where that takes
 * more than three quarters of the numbers themselves.
 */
export function writeDeltas(values: usize, count: u32, to: usize): usize {
  if (count < BLOCK) return 0;
  let at = writeVarint(BLOCK, to);
  at = writeVarint(PARTS, at);
  at = writeVarint(count, at);
  let before = load<i64>(values);
  at = writeVarint(zigzag(before), at);
  for (let i: u32 = 1; i < count; i += BLOCK) {
    const some = min<u32>(BLOCK, count - i);
    let least = i64.MAX_VALUE;
    for (let k: u32 = 0; k < some; k++) {
      const value = load<i64>(values + ((<usize>(i + k)) << 3));
      const delta = value - before;
      store<i64>(deltas + ((<usize>k) << 3), delta);
      least = min<i64>(least, delta);
      before = value;
    }
    at = writeBlock(least, some, at);
    if (at - to > <usize>(i + BLOCK) * MOST_BYTES) return 0;
  }
  return at;
}

/** Writes that `count` texts have the same length, as Parquet's DELTA_LENGTH_BYTE_ARRAY (6) has it before them. */
export function writeEqualLengths(length: u32, count: u32, to: usize): usize {
  let at = writeVarint(BLOCK, to);
  at = writeVarint(PARTS, at);
  at = writeVarint(count, at);
  at = writeVarint(zigzag(<i64>length), at);
  // A block's least difference, and the width of what its parts have above that: none.
  for (let i: u32 = 1; i < count; i += BLOCK) {
    store<u8>(at, 0);
    store<u32>(at, 0, 1);
    at += 1 + PARTS;
  }
  return at;
}

function writeBlock(least: i64, some: u32, to: usize): usize {
  const widths = writeVarint(zigzag(least), to);
  store<u32>(widths, 0);
  let at = widths + PARTS;
  for (let from: u32 = 0; from < some; from += PART) {
    const end = min<u32>(from + PART, some);
    let all: u64 = 0;
    for (let k = from; k < end; k++) {
      const place = deltas + ((<usize>k) << 3);
      const above = <u64>(load<i64>(place) - least);
      store<u64>(place, above);
      all |= above;
    }
    // A part begun is written whole.
    for (let k = end; k < from + PART; k++) store<u64>(deltas + ((<usize>k) << 3), 0);
    const width = <u32>(64 - clz(all));
    store<u8>(widths + <usize>(from / PART), <u8>width);
    at = pack(deltas + ((<usize>from) << 3), width, at);
  }
  return at;
}

/** A part's numbers of `width` bits, least significant bit first. */
function pack(from: usize, width: u32, to: usize): usize {
  let bits: u64 = 0;
  let used: u32 = 0;
  let at = to;
  for (let k: usize = 0; k < <usize>PART; k++) {
    const value = load<u64>(from + (k << 3));
    bits |= value << <u64>used;
    used += width;
    if (used < 64) continue;
    store<u64>(at, bits);
    at += 8;
    used -= 64;
    bits = used === 0 ? 0 : value >> <u64>(width - used);
  }
  if (used > 0) store<u64>(at, bits);
  return to + (<usize>width << 2);
}

// @ts-ignore: decorator
@inline
function zigzag(value: i64): u64 {
  return <u64>((value << 1) ^ (value >> 63));
}
