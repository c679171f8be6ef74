import type {ColumnBuffer} from "./column-buffer.ts";

/** The order of rows by the given columns, ascending, NULL last; equal rows stay as they came. Null where none is given. */
export function sortedOrder(by: readonly ColumnBuffer[], rows: number): Uint32Array | null {
  if (by.length === 0 || rows === 0) return null;
  const [first, ...rest] = by;
  const keys = first.keys();
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    const key = keys[i];
    if (key < least) least = key;
    if (key > greatest) greatest = key;
  }
  const order =
    Number.isInteger(least) && (greatest - least + 1) * scaleOf(rows) < Number.MAX_SAFE_INTEGER
      ? packedOrder(keys, least)
      : comparedOrder(keys);
  settleTies(order, keys, rest);
  return order;
}

/** Key and row number in one double each: those sort without a comparison function, ten times as fast. */
function packedOrder(keys: Float64Array, least: number): Uint32Array {
  const rows = keys.length;
  const scale = scaleOf(rows);
  const packed = new Float64Array(rows);
  for (let i = 0; i < rows; i++) packed[i] = (keys[i] - least) * scale + i;
  packed.sort();
  const order = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = packed[i] - Math.floor(packed[i] / scale) * scale;
  return order;
}

/** A power of two, so that dividing by it is exact. */
function scaleOf(rows: number): number {
  return 2 ** Math.ceil(Math.log2(rows + 1));
}

function comparedOrder(keys: Float64Array): Uint32Array {
  const order = Uint32Array.from(keys, (_, i) => i);
  return order.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
}

/** Rows of one key up to which they are put in order in their place, without a call for each pair. */
const fewRows = 24;

function settleTies(order: Uint32Array, keys: Float64Array, rest: readonly ColumnBuffer[]): void {
  if (rest.length === 0) return;
  let further: Float64Array[] | null = null;
  for (let start = 0; start < order.length; ) {
    const key = keys[order[start]];
    let end = start + 1;
    while (end < order.length && keys[order[end]] === key) end++;
    if (end - start > 1) {
      further ??= rest.map((column) => column.keys());
      if (end - start > fewRows) settle(order.subarray(start, end), further);
      else settleFew(order, start, end, further);
    }
    start = end;
  }
}

function settle(rows: Uint32Array, by: readonly Float64Array[]): void {
  rows.sort((a, b) => (isBefore(a, b, by) ? -1 : 1));
}

/** Sorts `start .. end` by insertion. */
function settleFew(order: Uint32Array, start: number, end: number, by: readonly Float64Array[]): void {
  for (let i = start + 1; i < end; i++) {
    const row = order[i];
    let at = i;
    for (; at > start && isBefore(row, order[at - 1], by); at--) order[at] = order[at - 1];
    order[at] = row;
  }
}

/** Whether row `a` comes before another row `b`; equal ones stay as they came. */
function isBefore(a: number, b: number, by: readonly Float64Array[]): boolean {
  for (let i = 0; i < by.length; i++) {
    const keys = by[i];
    if (keys[a] !== keys[b]) return keys[a] < keys[b];
  }
  return a < b;
}
