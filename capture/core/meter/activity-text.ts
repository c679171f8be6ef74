import {Bin, binAt, BIN_BYTES, bytesUntil, MOST_BINS} from "./activity";

/** Activity of a flow as text, made of its bins when somebody asks. */

const LISTS: u32 = 7;
const WIDTHS: u32 = 0;
const NUMBERS: u32 = 1;
const REPEATED: u32 = 6;
const SEMICOLON: u8 = 0x3b;
const COMMA: u8 = 0x2c;
/** Bins as `copyActivity` copies them. */
export const MOST_COPIED: usize = 8 + <usize>MOST_BINS * BIN_BYTES;
/** Seven numbers of ten digits and what parts them, of all bins. */
export const MOST_TEXT: usize = 16 + <usize>MOST_BINS * 77;

let textEnd: usize = 0;
/** Address behind the bins that were written last. */
export let copyEnd: usize = 0;

/**
 * Writes the bins copied at `copy` as text; the address behind it. Its lists, apart by semicolons: widths of bins in
 * seconds; their first seconds since that of the flow's start; bytes, of those the originator's; packets, of those the
 * originator's; retransmissions, where there were any.
 */
export function writeActivity(copy: usize, at: usize): usize {
  const first = load<u32>(copy);
  const count = load<u32>(copy, 4);
  const bins = copy + 8;
  textEnd = at;
  for (let list: u32 = 0; list < LISTS; list++) {
    if (list === REPEATED && binAt(bins, count - 1).repeated === 0) break;
    let before: u32 = list === NUMBERS ? first : 0;
    for (let i: u32 = 0; i < count; i++) {
      const value = valueOf(binAt(bins, i), list);
      if (i > 0) store<u8>(textEnd++, COMMA);
      else if (list > 0) store<u8>(textEnd++, SEMICOLON);
      writeNumber(value - before);
      if (list > NUMBERS) before = value;
    }
  }
  copyEnd = bins + <usize>count * BIN_BYTES;
  return textEnd;
}

function valueOf(bin: Bin, list: u32): u32 {
  switch (list) {
    case WIDTHS:
      return bin.last - bin.first + 1;
    case NUMBERS:
      return bin.first;
    case 2:
      return bytesUntil(bin);
    case 3:
      return bin.sentBytes;
    case 4:
      return bin.sent + bin.received;
    case 5:
      return bin.sent;
    default:
      return bin.repeated;
  }
}

function writeNumber(value: u32): void {
  let digits: usize = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) digits++;
  let at = textEnd + digits;
  textEnd = at;
  do {
    store<u8>(--at, <u8>(0x30 + (value % 10)));
    value /= 10;
  } while (value > 0);
}
