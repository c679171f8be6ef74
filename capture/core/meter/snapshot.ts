import {END_OPEN} from "./constants";
import {exportFlow} from "./export";
import {reserve} from "./memory";
import {OUTPUT_ROWS, outputRoom} from "./output";
import {beforeOf, flowAt, lastOf, LISTS, MOVE_AFTER} from "./table";

/** Slot of the flow in each row that a snapshot wrote. */
export let openSlots: usize = 0;
/** Next slot of each list, from its recent end. */
let cursors: usize = 0;
let since: f64 = 0;
let left: i32 = 0;

export function reserveSnapshot(): void {
  openSlots = reserve(<usize>OUTPUT_ROWS * 4);
  cursors = reserve(<usize>LISTS * 4);
}

/** Begins a snapshot of the flows under way whose last packet is not older than `time`, `most` of them. */
export function beginSnapshot(time: f64, most: i32): void {
  since = time;
  left = most;
  for (let list: u8 = 0; list < LISTS; list++) store<i32>(cursors + ((<usize>list) << 2), lastOf(list));
}

/**
 * Writes open flows as rows of the output until it is full, those first that went to the recent end of a list last.
 * True where there may be more. Nothing of the flows changes; no packet may be metered before all rows were taken.
 */
export function writeSnapshot(): bool {
  while (left > 0) {
    if (outputRoom() === 0) return true;
    const slot = nextChanged();
    if (slot < 0) return false;
    left--;
    store<i32>(openSlots + ((<usize>exportFlow(flowAt(slot), END_OPEN)) << 2), slot);
  }
  return false;
}

/** Flows that the snapshot had no more room for. Called at its end. */
export function countUnwritten(): i32 {
  let count = 0;
  while (nextChanged() >= 0) count++;
  return count;
}

/** The next flow from the lists' recent ends with a packet since then; -1 where none is left. */
function nextChanged(): i32 {
  for (;;) {
    let best: u8 = LISTS;
    let latest: f64 = 0;
    for (let list: u8 = 0; list < LISTS; list++) {
      const slot = load<i32>(cursors + ((<usize>list) << 2));
      if (slot < 0 || (best < LISTS && flowAt(slot).moved <= latest)) continue;
      best = list;
      latest = flowAt(slot).moved;
    }
    // A flow's last packet is at most so much later than its last way to the end of its list.
    if (best === LISTS || latest < since - MOVE_AFTER) return -1;
    const cursor = cursors + ((<usize>best) << 2);
    const slot = load<i32>(cursor);
    store<i32>(cursor, beforeOf(slot));
    if (flowAt(slot).last >= since) return slot;
  }
  return -1;
}
