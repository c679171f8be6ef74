/** Regions of the linear memory, laid out for one file's rows; they only grow. */

const PAGE: usize = 65536;

/** Row numbers in the order of the file. */
export let order: usize = 0;
/** A column's rows as they came. */
export let input: usize = 0;
/** The column's values that are not NULL, in the order of the file and the width of their Parquet type. */
export let cells: usize = 0;
/** 1 by row with a value, 0 where NULL; written only where there is a NULL. */
export let levels: usize = 0;
/** By value: its number in the dictionary. */
export let indexes: usize = 0;
/** Dictionary: slots of open addressing (number + 1, of 32-bit keys these as well), and keys of up to 24 bytes. */
export let slots: usize = 0;
export let keys: usize = 0;
/** A column's texts as they came, in pieces. */
export let sources: usize = 0;
/** Body of the dictionary page, and of the data page. */
export let texts: usize = 0;
export let page: usize = 0;
export let slotCount: u32 = 0;

let rowCapacity: i32 = 0;
let inputCapacity: i32 = 0;
let textCapacity: i32 = 0;
let sourceCapacity: i32 = 0;

/** Makes room for so many rows, and bytes of a column's input, texts and their sources. What was in memory is gone where it grows. */
export function reserve(rows: i32, inputBytes: i32, textBytes: i32, sourceBytes: i32): void {
  if (
    rows <= rowCapacity &&
    inputBytes <= inputCapacity &&
    textBytes <= textCapacity &&
    sourceBytes <= sourceCapacity
  )
    return;
  rowCapacity = max(rows, rowCapacity);
  inputCapacity = max(inputBytes, inputCapacity);
  textCapacity = max(textBytes, textCapacity);
  sourceCapacity = max(sourceBytes, sourceCapacity);
  const count = <usize>rowCapacity;
  slotCount = 1024;
  while (slotCount < <u32>rowCapacity * 2) slotCount <<= 1;
  let at = (__heap_base + 63) & ~63;
  order = at;
  at += count * 4;
  input = at = (at + 63) & ~63;
  at += <usize>inputCapacity;
  cells = at = (at + 63) & ~63;
  at += count * 8;
  levels = at = (at + 63) & ~63;
  at += count * 4;
  indexes = at = (at + 63) & ~63;
  at += count * 4;
  slots = at = (at + 63) & ~63;
  at += <usize>slotCount * 8;
  keys = at = (at + 63) & ~63;
  at += count * 24;
  sources = at = (at + 63) & ~63;
  at += <usize>sourceCapacity;
  texts = at = (at + 63) & ~63;
  at += max<usize>(<usize>textCapacity, count * 48);
  page = at = (at + 63) & ~63;
  // Plain texts take their length in four bytes more than they took as input; levels and headers little.
  at += <usize>inputCapacity + count * 12 + PAGE;
  const have = <usize>memory.size() * PAGE;
  if (at > have && memory.grow(<i32>((at - have + PAGE - 1) / PAGE)) < 0) unreachable();
}
