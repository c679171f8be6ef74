/** Huffman code of header strings (RFC 7541 §5.2, Appendix B). */

/** Bits of each byte's code, and of the end of a string. */
const lengths = memory.data<u8>([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30
]);

const SYMBOLS: u32 = 257;
const END: u32 = 256;
const SHORTEST: u32 = 5;
const LONGEST: u32 = 30;

/** Symbols in the order of their codes; codes of a length follow one another, so a code is known by its place. */
const symbols = memory.data(514);
/** By length: the first code beyond those of the length, left-aligned in 32 bits, and the place of the code 0 … of that length. */
const limits = memory.data(256);
const places = memory.data(128);

orderSymbols();

function orderSymbols(): void {
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length = SHORTEST; length <= LONGEST; length++) {
    store<i32>(places + (<usize>length << 2), <i32>place - <i32>code);
    for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
      if (load<u8>(lengths + symbol) !== length) continue;
      store<u16>(symbols + (<usize>place << 1), <u16>symbol);
      place++;
      code++;
    }
    store<u64>(limits + (<usize>length << 3), <u64>code << (32 - length));
    code <<= 1;
  }
}

/** Where decoding went on to; 0 where the bytes are no code, or more than there is room for. */
export function decodeHuffman(start: usize, end: usize, to: usize, last: usize): usize {
  // The next bits, the first one the highest.
  let bits: u64 = 0;
  let count: u32 = 0;
  let at = start;
  while (true) {
    while (count <= 32 && at < end) {
      bits |= <u64>load<u8>(at++) << (56 - count);
      count += 8;
    }
    const head = <u32>(bits >> 32);
    let length = SHORTEST;
    while (length < LONGEST && <u64>head >= load<u64>(limits + (<usize>length << 3))) length++;
    if (length > count) {
      // What is left is the beginning of the code of the string's end, less than a byte of it.
      return count < 8 && (count === 0 || head >> (32 - count) === (<u32>1 << count) - 1) ? to : 0;
    }
    const symbol = <u32>load<u16>(symbols + (<usize>(load<i32>(places + (<usize>length << 2)) + <i32>(head >> (32 - length))) << 1));
    if (symbol === END || to >= last) return 0;
    store<u8>(to++, <u8>symbol);
    bits <<= length;
    count -= length;
  }
}
