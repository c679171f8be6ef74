import {hash, highA, highB, lowA, lowB, path, ports, sameKey} from "./key";
import {CACHE_LINE, DATA, directionOf, Flow, ORIGINATOR, RESPONDER, ROW_BYTES, TIMES} from "./layout";
import {end, ensure, reserve, zero} from "./memory";
import {giveBack, giveOuter, readRare, reserveRare} from "./rare";

/**
 * The flow table: rows of fixed size found by open addressing with linear probing. Rows grow at the end of memory by
 * doubling, so none is ever moved; only the index is filled anew. Each row stands in one of three lists: live flows from
 * the least to the most recently seen (to a second), closed ones from the first closed on, and unanswered attempts from
 * the first begun on.
 */

const FIRST_CAPACITY = 4096;
const NONE: i32 = -1;
/** An index entry: the hash's upper half above, the slot plus one below, so that probing stays in the index. */
const HASH_BITS: u64 = 0xffffffff00000000;
/** A flow seen again within this time (µs) keeps its place in its list. */
export const MOVE_AFTER: f64 = 1e6;
/** Rows read ahead at a time. */
const AHEAD = 8;

let rows: usize = 0;
let index: usize = 0;
let mask: u64 = 0;
export let capacity: i32 = 0;
let largest: i32 = 0;
let used: i32 = 0;
/** Rows below this have been used before; which of them are free, the last one given back on top, and how many. */
let fresh: i32 = 0;
let freeRows: usize = 0;
let freeCount: i32 = 0;
/** Free rows from this one up were read ahead, or used a moment ago. */
let freeRead: i32 = 0;
/** First and last slot of each list. */
let lists: usize = 0;
/** By slot the one before it in its list and the one after it, apart from the rows: one walks a list without them. */
let links: usize = 0;
/** By list how many of its first flows were read ahead. */
let followers: usize = 0;

export const LIVE: u8 = 0;
export const CLOSING: u8 = 1;
export const ATTEMPTS: u8 = 2;
export const LISTS: u8 = 3;

/** False since the first flow of a list has become another one. */
export let firstsAreSame: bool = false;

/** Notes who stands first in the lists, until another does. */
// @ts-ignore: decorator
@inline
export function noteFirsts(): void {
  firstsAreSame = true;
}

export function reserveTable(maxFlows: i32): void {
  largest = maxFlows;
  let places = 1;
  while (places < maxFlows * 2) places <<= 1;
  index = reserve(<usize>places * 8);
  lists = reserve(<usize>LISTS * 8);
  links = reserve(<usize>maxFlows * 8);
  followers = reserve(<usize>LISTS * 4);
  freeRows = reserve(<usize>maxFlows * 4);
  for (let list: u8 = 0; list < LISTS; list++) empty(list);
  reserveRare(maxFlows);
  rows = end();
  resize(min(FIRST_CAPACITY, maxFlows));
}

/** Begins anew; no flow may be live. Room and places stay as they are. */
export function clearTable(): void {
  fresh = 0;
  freeCount = 0;
  freeRead = 0;
}

// @ts-ignore: decorator
@inline
export function flowAt(slot: i32): Flow {
  return changetype<Flow>(rows + <usize>slot * ROW_BYTES);
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
  let place = (hash >> 32) & mask;
  for (;;) {
    const entry = load<u64>(index + ((<usize>place) << 3));
    if (entry === 0) return NONE;
    if (((entry ^ hash) & HASH_BITS) === 0 && sameKey(flowAt(slotOf(entry)))) return slotOf(entry);
    place = (place + 1) & mask;
  }
  return NONE;
}

/** Reads the first place that a hash may stand at, so that it is there when it is needed. */
// @ts-ignore: decorator
@inline
export function readPlace(hashed: u64): u64 {
  return load<u64>(index + ((<usize>((hashed >> 32) & mask)) << 3));
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u64 = 0;

/**
 * Called at each end of a flow, before it leaves its list: reads the rows that follow, which mostly end next, then their
 * places in the index and what few have, some at a time, so that all of them come from memory together.
 */
export function readFollowing(slot: i32, list: u8): void {
  const count = followers + ((<usize>list) << 2);
  const left = load<i32>(count);
  if (left > 0) return store<i32>(count, left - 1);
  let sum: u64 = 0;
  let rows = 0;
  for (let next = afterOf(slot); next !== NONE && rows < AHEAD; next = afterOf(next), rows++) {
    const row = changetype<usize>(flowAt(next));
    for (let at: usize = 0; at < ORIGINATOR; at += CACHE_LINE) sum += load<u64>(row + at);
  }
  for (let next = afterOf(slot), i = 0; i < rows; next = afterOf(next), i++) {
    const flow = flowAt(next);
    const row = changetype<usize>(flow);
    sum += load<u64>(index + ((<usize>(flow.hash & mask)) << 3));
    if (flow.isLone !== 0) continue;
    for (let at = ORIGINATOR; at < RESPONDER; at += CACHE_LINE) sum += load<u64>(row + at);
    if (flow.hasResponder !== 0) for (let at = RESPONDER; at < DATA; at += CACHE_LINE) sum += load<u64>(row + at);
    if (flow.lastDataFrom !== 2) sum += load<u64>(row + DATA) + load<u64>(row + TIMES);
    sum += readRare(flow, directionOf(flow, 0), directionOf(flow, 1));
  }
  ahead = sum;
  store<i32>(count, rows - 1);
}

/**
 * A row for the key just made, at the recent end of a list; zeroed from its second cache line up to its context; of the
 * rest nothing is read before it was written. The table must not be full.
 */
export function insert(list: u8): i32 {
  if (used === capacity) resize(min(capacity * 2, largest));
  const slot = freeCount === 0 ? fresh++ : takeFree();
  used++;
  const flow = flowAt(slot);
  zero(changetype<usize>(flow) + CACHE_LINE, 2 * CACHE_LINE);
  flow.hash = <u32>(hash >> 32);
  flow.lowHash = <u32>hash;
  flow.lowA = lowA;
  flow.lowB = lowB;
  flow.highA = highA;
  flow.highB = highB;
  flow.ports = ports;
  flow.path = path;
  flow.live = 1;
  place(slot, hash);
  append(slot, flow, list);
  return slot;
}

/** A row that was given back. Those below it are read ahead, so that they come from memory together. */
// @ts-ignore: decorator
@inline
function takeFree(): i32 {
  freeCount--;
  if (freeCount < freeRead) readFree();
  return load<i32>(freeRows + ((<usize>freeCount) << 2));
}

function readFree(): void {
  freeRead = max(freeCount - AHEAD + 1, 0);
  let sum: u64 = 0;
  for (let i = freeRead; i <= freeCount; i++) {
    const row = changetype<usize>(flowAt(load<i32>(freeRows + ((<usize>i) << 2))));
    sum += load<u64>(row);
  }
  ahead = sum;
}

// @ts-ignore: decorator
@inline
function giveFree(slot: i32): void {
  store<i32>(freeRows + ((<usize>freeCount) << 2), slot);
  freeRead = min(freeRead, freeCount);
  freeCount++;
}

/** Frees a row, closing the gap it leaves in its run of places (Knuth 6.4, algorithm R). */
export function remove(slot: i32): void {
  const flow = flowAt(slot);
  unlink(slot, flow);
  let hole = flow.hash & mask;
  while (slotOf(load<u64>(index + ((<usize>hole) << 3))) !== slot) hole = (hole + 1) & mask;
  let at = hole;
  for (;;) {
    at = (at + 1) & mask;
    const other = load<u64>(index + ((<usize>at) << 3));
    if (other === 0) break;
    const home = (other >> 32) & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      store<u64>(index + ((<usize>hole) << 3), other);
      hole = at;
    }
  }
  store<u64>(index + ((<usize>hole) << 3), 0);
  if (flow.isLone !== 0) giveOuter(flow);
  else giveBack(flow, directionOf(flow, 0), directionOf(flow, 1));
  flow.live = 0;
  giveFree(slot);
  used--;
}

// @ts-ignore: decorator
@inline
function slotOf(entry: u64): i32 {
  return <i32>entry - 1;
}

/** Moves a live flow to the recent end of its list, unless that was done a moment ago. */
// @ts-ignore: decorator
@inline
export function touch(slot: i32, flow: Flow, time: f64): void {
  if (Math.abs(time - flow.moved) < MOVE_AFTER || flow.list !== LIVE) return;
  moveTo(LIVE, slot, flow, time);
}

/** Moves a flow to the recent end of a list. */
export function moveTo(list: u8, slot: i32, flow: Flow, time: f64): void {
  flow.moved = time;
  unlink(slot, flow);
  append(slot, flow, list);
}

/** Slot of the flow that has stood in a list for the longest time; -1 where the list is empty. */
// @ts-ignore: decorator
@inline
export function firstOf(list: u8): i32 {
  return load<i32>(lists + ((<usize>list) << 3));
}

/** Slot of the flow at the recent end of a list; -1 where the list is empty. */
export function lastOf(list: u8): i32 {
  return load<i32>(lists + ((<usize>list) << 3), 4);
}

/** Slot of the flow before that one in its list; -1 where it is the first. */
// @ts-ignore: decorator
@inline
export function beforeOf(slot: i32): i32 {
  return load<i32>(links + ((<usize>slot) << 3));
}

/** Slot of the flow after that one in its list; -1 where it is the last. */
// @ts-ignore: decorator
@inline
export function afterOf(slot: i32): i32 {
  return load<i32>(links + ((<usize>slot) << 3), 4);
}

// @ts-ignore: decorator
@inline
function setBefore(slot: i32, before: i32): void {
  store<i32>(links + ((<usize>slot) << 3), before);
}

// @ts-ignore: decorator
@inline
function setAfter(slot: i32, after: i32): void {
  store<i32>(links + ((<usize>slot) << 3), after, 4);
}

function empty(list: u8): void {
  store<i32>(lists + ((<usize>list) << 3), NONE);
  store<i32>(lists + ((<usize>list) << 3), NONE, 4);
}

// @ts-ignore: decorator
@inline
function append(slot: i32, flow: Flow, list: u8): void {
  const ends = lists + ((<usize>list) << 3);
  const last = load<i32>(ends, 4);
  flow.list = list;
  setBefore(slot, last);
  setAfter(slot, NONE);
  if (last !== NONE) setAfter(last, slot);
  else {
    store<i32>(ends, slot);
    firstsAreSame = false;
  }
  store<i32>(ends, slot, 4);
}

// @ts-ignore: decorator
@inline
function unlink(slot: i32, flow: Flow): void {
  const ends = lists + ((<usize>flow.list) << 3);
  const before = beforeOf(slot);
  const after = afterOf(slot);
  if (before !== NONE) setAfter(before, after);
  else {
    store<i32>(ends, after);
    firstsAreSame = false;
  }
  if (after !== NONE) setBefore(after, before);
  else store<i32>(ends, before, 4);
}

// @ts-ignore: decorator
@inline
function place(slot: i32, hashed: u64): void {
  let at = (hashed >> 32) & mask;
  while (load<u64>(index + ((<usize>at) << 3)) !== 0) at = (at + 1) & mask;
  store<u64>(index + ((<usize>at) << 3), (hashed & HASH_BITS) | <u64>(slot + 1));
}

function resize(flows: i32): void {
  capacity = flows;
  ensure(rows + <usize>flows * ROW_BYTES);
  let places = 1;
  while (places < flows * 2) places <<= 1;
  mask = <u64>(places - 1);
  memory.fill(index, 0, <usize>places * 8);
  for (let slot = 0; slot < fresh; slot++) {
    const flow = flowAt(slot);
    if (flow.live !== 0) place(slot, <u64>flow.hash << 32);
  }
}
