import {FEATURES, NUMBERS} from "./columns";
import {copyActivity} from "./activity";
import {copyEnd, MOST_COPIED, MOST_TEXT, writeActivity} from "./activity-text";
import {Flow, HISTORY_CAPACITY, MAX_NESTING} from "./layout";
import {reserve} from "./memory";

/**
 * Finished flows as columns: row `r` of column `c` of a region is its element `c × COLUMN_STRIDE + r`. A row's numbers and
 * features are written to a tile of sixteen rows first, where the columns lie side by side, and go to theirs by cache
 * lines: else each of a row's 138 values would be stored to another page.
 */
export const OUTPUT_ROWS = 512;
/** From one column to the next: a power of two would put a row's values all in the same few cache sets. */
export const COLUMN_STRIDE = OUTPUT_ROWS + 16;
const TILE_ROWS = 16;
/** In a tile, from one number to the row's next one, and from one feature to the next. */
export const NEXT_NUMBER: usize = TILE_ROWS * 8;
export const NEXT_FEATURE: usize = TILE_ROWS * 4;
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
/** By row: the number of its activity, -1 without; for each its length (u32) and its text, and where those end (`writeActivities`). */
export let activityCodes: usize = 0;
export let activityTexts: usize = 0;
export let activityEnd: usize = 0;
export let activityCount: i32 = 0;
/** The bins of each, of which its text is made, and where those end. */
let activityBins: usize = 0;
let activityBinsEnd: usize = 0;
export let outputCount: i32 = 0;
let tileNumbers: usize = 0;
let tileFeatures: usize = 0;
/** Rows that stand in their columns. */
let written: i32 = 0;
/** A bit for each place of the tile that last took a flow of one SYN (lone.ts): those differ in few values. */
let lonePlaces: u32 = 0;

export function reserveOutput(): void {
  numbers = reserve(<usize>COLUMN_STRIDE * NUMBERS * 8);
  features = reserve(<usize>COLUMN_STRIDE * FEATURES * 4);
  identifiers = reserve(<usize>OUTPUT_ROWS * 8);
  marks = reserve(<usize>OUTPUT_ROWS * 8);
  addresses = reserve(<usize>OUTPUT_ROWS * ADDRESS_BYTES);
  histories = reserve(<usize>OUTPUT_ROWS * HISTORY_CAPACITY);
  tunnels = reserve(<usize>OUTPUT_ROWS * MAX_NESTING * 8);
  activityCodes = reserve(<usize>OUTPUT_ROWS * 4);
  activityTexts = reserve(<usize>OUTPUT_ROWS * (4 + MOST_TEXT));
  activityEnd = activityTexts;
  activityBins = reserve(<usize>OUTPUT_ROWS * MOST_COPIED);
  activityBinsEnd = activityBins;
  communities = reserve(<usize>OUTPUT_ROWS * 30);
  tileNumbers = reserve(NEXT_NUMBER * NUMBERS);
  tileFeatures = reserve(NEXT_FEATURE * FEATURES);
}

// @ts-ignore: decorator
@inline
export function outputRoom(): i32 {
  return OUTPUT_ROWS - outputCount;
}

/** The next row; its number. */
// @ts-ignore: decorator
@inline
export function takeRow(): i32 {
  if (outputCount - written === TILE_ROWS) writeTile();
  return outputCount++;
}

/** Notes whether a row is a flow of one SYN; true where it and the row before it in its place of the tile both are. */
// @ts-ignore: decorator
@inline
export function followsLone(row: i32, isLone: bool): bool {
  const place: u32 = 1 << (row & (TILE_ROWS - 1));
  const follows = isLone && (lonePlaces & place) !== 0;
  lonePlaces = isLone ? lonePlaces | place : lonePlaces & ~place;
  return follows;
}

/** Where a row's first number goes. */
// @ts-ignore: decorator
@inline
export function numbersOf(row: i32): usize {
  return tileNumbers + (<usize>(row & (TILE_ROWS - 1)) << 3);
}

/** Where a row's first feature goes. */
// @ts-ignore: decorator
@inline
export function featuresOf(row: i32): usize {
  return tileFeatures + (<usize>(row & (TILE_ROWS - 1)) << 2);
}

/** Puts the rows of the tile into their columns. Where it is not full, it goes on being filled. */
export function writeTile(): void {
  const row = outputCount - 1 & ~(TILE_ROWS - 1);
  let to = numbers + (<usize>row << 3);
  for (let from = tileNumbers; from < tileNumbers + NEXT_NUMBER * NUMBERS; from += NEXT_NUMBER, to += COLUMN_STRIDE * 8) {
    for (let at: usize = 0; at < NEXT_NUMBER; at += 64) copyLine(to + at, from + at);
  }
  to = features + (<usize>row << 2);
  for (let from = tileFeatures; from < tileFeatures + NEXT_FEATURE * FEATURES; from += NEXT_FEATURE, to += COLUMN_STRIDE * 4) {
    copyLine(to, from);
  }
  written = outputCount & ~(TILE_ROWS - 1);
}

// @ts-ignore: decorator
@inline
function copyLine(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

// @ts-ignore: decorator
@inline
export function putNoActivity(row: i32): void {
  store<i32>(activityCodes + (<usize>row << 2), -1);
}

/** Keeps the activity of a row's flow. */
// @ts-ignore: decorator
@inline
export function putActivity(row: i32, flow: Flow): void {
  putNoActivity(row);
  if (flow.activity === 0) return;
  const end = copyActivity(flow, activityBinsEnd);
  if (end === activityBinsEnd) return;
  store<i32>(activityCodes + (<usize>row << 2), activityCount++);
  activityBinsEnd = end;
}

/** Writes the texts of all activity that was kept; how many there are. */
export function writeActivities(): i32 {
  activityEnd = activityTexts;
  for (let bins = activityBins; bins < activityBinsEnd; bins = copyEnd) {
    const text = activityEnd + 4;
    const end = writeActivity(bins, text);
    store<u32>(activityEnd, <u32>(end - text));
    activityEnd = end;
  }
  return activityCount;
}

export function clearOutput(): void {
  activityCount = 0;
  activityEnd = activityTexts;
  activityBinsEnd = activityBins;
  outputCount = 0;
  written = 0;
}
