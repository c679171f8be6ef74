import {hash, highA, highB, lowA, lowB, path, ports, sameKey} from "./key";
import {Flow, ROW_BYTES} from "./layout";
import {end, ensure, reserve} from "./memory";

/**
 * The flow table: rows of fixed size found by open addressing with linear probing. Rows grow at the end of memory by
 * doubling, so none is ever moved; only the index is filled anew. Two lists run through the rows: live flows from the
 * least to the most recently seen, and closed ones from the first closed on.
 */

const FIRST_CAPACITY = 4096;
const NONE: i32 = -1;

let rows: usize = 0;
let index: usize = 0;
let mask: u64 = 0;
let capacity: i32 = 0;
let largest: i32 = 0;
let used: i32 = 0;
/** Rows below this have been used before; free ones are chained by `next`. */
let fresh: i32 = 0;
let free: i32 = NONE;
let oldest: i32 = NONE;
let newest: i32 = NONE;
let firstClosed: i32 = NONE;
let lastClosed: i32 = NONE;

export function reserveTable(maxFlows: i32): void {
  largest = maxFlows;
  let places = 1;
  while (places < maxFlows * 2) places <<= 1;
  index = reserve(<usize>places * 4);
  rows = end();
  resize(min(FIRST_CAPACITY, maxFlows));
}

// @ts-ignore: decorator
@inline
export function flowAt(slot: i32): Flow {
  return changetype<Flow>(rows + <usize>slot * ROW_BYTES);
}

export function rowsAddress(): usize {
  return rows;
}

export function liveFlows(): i32 {
  return used;
}

/** True where a new flow needs an eviction first. */
// @ts-ignore: decorator
@inline
export function isFull(): bool {
  return used >= largest;
}

/** Slot of the flow with the key just made; -1 without. */
// @ts-ignore: decorator
@inline
export function find(): i32 {
  let place = hash & mask;
  for (;;) {
    const slot = load<i32>(index + ((<usize>place) << 2)) - 1;
    if (slot < 0) return NONE;
    const flow = flowAt(slot);
    if (flow.hash === hash && sameKey(flow)) return slot;
    place = (place + 1) & mask;
  }
  return NONE;
}

/** A zeroed row for the key just made, at the recent end of the live list. The table must not be full. */
export function insert(): i32 {
  if (used === capacity) resize(min(capacity * 2, largest));
  let slot = free;
  if (slot !== NONE) free = flowAt(slot).next;
  else slot = fresh++;
  used++;
  const flow = flowAt(slot);
  memory.fill(changetype<usize>(flow), 0, ROW_BYTES);
  flow.hash = hash;
  flow.lowA = lowA;
  flow.lowB = lowB;
  flow.highA = highA;
  flow.highB = highB;
  flow.ports = ports;
  flow.path = path;
  flow.live = 1;
  place(slot, hash);
  append(slot, flow);
  return slot;
}

/** Frees a row, closing the gap it leaves in its run of places (Knuth 6.4, algorithm R). */
export function remove(slot: i32): void {
  const flow = flowAt(slot);
  unlink(flow);
  let hole = flow.hash & mask;
  while (load<i32>(index + ((<usize>hole) << 2)) !== slot + 1) hole = (hole + 1) & mask;
  let at = hole;
  for (;;) {
    at = (at + 1) & mask;
    const other = load<i32>(index + ((<usize>at) << 2));
    if (other === 0) break;
    const home = flowAt(other - 1).hash & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      store<i32>(index + ((<usize>hole) << 2), other);
      hole = at;
    }
  }
  store<i32>(index + ((<usize>hole) << 2), 0);
  flow.live = 0;
  flow.next = free;
  free = slot;
  used--;
}

/** Moves a live flow to the recent end of its list. */
// @ts-ignore: decorator
@inline
export function touch(slot: i32, flow: Flow): void {
  if (newest === slot || flow.closing !== 0) return;
  unlink(flow);
  append(slot, flow);
}

/** Moves a flow to the list of closed ones, where it stays until its grace is over. */
export function moveToClosed(slot: i32): void {
  const flow = flowAt(slot);
  unlink(flow);
  flow.closing = 1;
  flow.previous = lastClosed;
  flow.next = NONE;
  if (lastClosed !== NONE) flowAt(lastClosed).next = slot;
  else firstClosed = slot;
  lastClosed = slot;
}

// @ts-ignore: decorator
@inline
export function leastRecent(): i32 {
  return oldest;
}

// @ts-ignore: decorator
@inline
export function longestClosed(): i32 {
  return firstClosed;
}

// @ts-ignore: decorator
@inline
function append(slot: i32, flow: Flow): void {
  flow.previous = newest;
  flow.next = NONE;
  if (newest !== NONE) flowAt(newest).next = slot;
  else oldest = slot;
  newest = slot;
}

// @ts-ignore: decorator
@inline
function unlink(flow: Flow): void {
  const before = flow.previous;
  const after = flow.next;
  if (before !== NONE) flowAt(before).next = after;
  else if (flow.closing !== 0) firstClosed = after;
  else oldest = after;
  if (after !== NONE) flowAt(after).previous = before;
  else if (flow.closing !== 0) lastClosed = before;
  else newest = before;
}

// @ts-ignore: decorator
@inline
function place(slot: i32, hashed: u64): void {
  let at = hashed & mask;
  while (load<i32>(index + ((<usize>at) << 2)) !== 0) at = (at + 1) & mask;
  store<i32>(index + ((<usize>at) << 2), slot + 1);
}

function resize(flows: i32): void {
  capacity = flows;
  ensure(rows + <usize>flows * ROW_BYTES);
  let places = 1;
  while (places < flows * 2) places <<= 1;
  mask = <u64>(places - 1);
  memory.fill(index, 0, <usize>places * 4);
  for (let slot = 0; slot < fresh; slot++) {
    const flow = flowAt(slot);
    if (flow.live !== 0) place(slot, flow.hash);
  }
}
