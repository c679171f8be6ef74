import {mix} from "./hash";
import {HISTORY_CAPACITY} from "./layout";
import {reserve} from "./memory";
import {histories, Mark, marks, OUTPUT_ROWS} from "./output";

/** The histories of the finished flows, each distinct one once: many flows have few. */

const SLOTS: u32 = <u32>OUTPUT_ROWS * 2;
const CAPACITY: usize = HISTORY_CAPACITY;

/** By row: the number of its history. */
export let historyCodes: usize = 0;
/** For each of the distinct histories its length (u32) and its letters, and how many bytes those are. */
export let historyTexts: usize = 0;
export let historyBytes: i32 = 0;
export let historyCount: i32 = 0;
/** Numbers plus one by hash, and by number the first row that has it. */
let slots: usize = 0;
let firstRows: usize = 0;

export function reserveHistories(): void {
  historyCodes = reserve(OUTPUT_ROWS * 4);
  historyTexts = reserve(OUTPUT_ROWS * (HISTORY_CAPACITY + 4));
  slots = reserve(<usize>SLOTS << 2);
  firstRows = reserve(OUTPUT_ROWS * 4);
}

/** Numbers the histories of the output's first rows. */
export function numberHistories(rows: i32): void {
  memory.fill(slots, 0, <usize>SLOTS << 2);
  historyCount = 0;
  let end = historyTexts;
  for (let row = 0; row < rows; row++) {
    const text = textOf(row);
    let hash = mix(lengthOf(row), load<u64>(text));
    for (let i: usize = 8; i < CAPACITY; i += 8) hash = mix(hash, load<u64>(text + i));
    let slot = <u32>hash & (SLOTS - 1);
    let found: i32;
    for (;;) {
      found = load<i32>(slots + (<usize>slot << 2)) - 1;
      if (found < 0 || isSame(load<i32>(firstRows + (<usize>found << 2)), row)) break;
      slot = (slot + 1) & (SLOTS - 1);
    }
    if (found < 0) {
      found = historyCount++;
      store<i32>(slots + (<usize>slot << 2), found + 1);
      store<i32>(firstRows + (<usize>found << 2), row);
      const length = lengthOf(row);
      store<u32>(end, length);
      memory.copy(end + 4, text, length);
      end += 4 + <usize>length;
    }
    store<i32>(historyCodes + (<usize>row << 2), found);
  }
  historyBytes = <i32>(end - historyTexts);
}

// @ts-ignore: decorator
@inline
function textOf(row: i32): usize {
  return histories + <usize>row * HISTORY_CAPACITY;
}

// @ts-ignore: decorator
@inline
function lengthOf(row: i32): u32 {
  return changetype<Mark>(marks + ((<usize>row) << 3)).historyLength;
}

/** Behind its letters a history is zero. */
function isSame(a: i32, b: i32): bool {
  if (lengthOf(a) !== lengthOf(b)) return false;
  for (let i: usize = 0; i < CAPACITY; i += 8) if (load<u64>(textOf(a) + i) !== load<u64>(textOf(b) + i)) return false;
  return true;
}
