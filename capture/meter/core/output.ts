import {HISTORY_CAPACITY, MAX_NESTING} from "./layout";
import {reserve} from "./memory";

/** Finished flows as columns: row `r` of column `c` of a region is its element `c × COLUMN_STRIDE + r`. */
export const OUTPUT_ROWS = 4096;
/** From one column to the next: a power of two would put a row's values all in the same few cache sets. */
export const COLUMN_STRIDE = OUTPUT_ROWS + 16;
/** Columns of `flows` that are numbers, and features. export.ts writes them; wasm-meter.ts knows their names. */
export const NUMBERS = 19;
export const FEATURES = 119;
export const ADDRESS_BYTES = 64;

/** What of a row is neither number nor text. */
@unmanaged
export class Mark {
  connState: u8 = 0;
  endReason: u8 = 0;
  version: u8 = 0;
  outerVersion: u8 = 0;
  tunnelDepth: u8 = 0;
  historyLength: u8 = 0;
  oneWay: u8 = 0;
  proto: u8 = 0;
}

export let numbers: usize = 0;
export let features: usize = 0;
export let identifiers: usize = 0;
export let marks: usize = 0;
export let addresses: usize = 0;
export let histories: usize = 0;
export let tunnels: usize = 0;
export let communities: usize = 0;
export let outputCount: i32 = 0;

export function reserveOutput(): void {
  numbers = reserve(<usize>COLUMN_STRIDE * NUMBERS * 8);
  features = reserve(<usize>COLUMN_STRIDE * FEATURES * 4);
  identifiers = reserve(<usize>OUTPUT_ROWS * 8);
  marks = reserve(<usize>OUTPUT_ROWS * 8);
  addresses = reserve(<usize>OUTPUT_ROWS * ADDRESS_BYTES);
  histories = reserve(<usize>OUTPUT_ROWS * HISTORY_CAPACITY);
  tunnels = reserve(<usize>OUTPUT_ROWS * MAX_NESTING * 8);
  communities = reserve(<usize>OUTPUT_ROWS * 30);
}

// @ts-ignore: decorator
@inline
export function outputRoom(): i32 {
  return OUTPUT_ROWS - outputCount;
}

export function takeRow(): i32 {
  return outputCount++;
}

export function clearOutput(): void {
  outputCount = 0;
}
