import {CACHE_LINE, Direction, Flow} from "./layout";
import {reserve, zero} from "./memory";

/**
 * What few flows have, apart from their rows, which stay small: blocks of zeroed memory, each taken when there is the
 * first of it to note, and given back at the flow's end.
 */

const BLOCK: usize = 128;
/** Of a flow its periods, its outer addresses and its activity, of each direction its disorder. */
const MOST_OF_A_FLOW = 5;
export const ACTIVITY_BYTES = BLOCK;

/** Retransmission, loss, bulk transfers and rare flags of one direction. */
@unmanaged
export class Disorder {
  missingBytes: f64 = 0;
  bulkBytes: f64 = 0;
  bulkTime: f64 = 0;
  /** µs by which its packets lie before all of the flow's that were stored before them. */
  early: f64 = 0;
  // Runs beyond holes in order, apart from each other, as first sequence number and the one behind the last.
  run0: u64 = 0;
  run1: u64 = 0;
  run2: u64 = 0;
  run3: u64 = 0;
  retransmits: u32 = 0;
  outOfOrder: u32 = 0;
  duplicateAcks: u32 = 0;
  keepAlives: u32 = 0;
  zeroWindows: u32 = 0;
  /** Segments counted for the history letter T (Zeek's looser definition) and gaps for G. */
  repeats: u32 = 0;
  gaps: u32 = 0;
  /** Packets with a wrong checksum, for C. */
  corrupt: u32 = 0;
  bulks: u32 = 0;
  bulkPackets: u32 = 0;
  // By Wireshark's rules (health.ts): retransmissions of any kind, segments out of order, duplicate ACKs.
  repeated: u32 = 0;
  late: u32 = 0;
  repeatedAcks: u32 = 0;
  // These stop at 65,535.
  fast: u16 = 0;
  spurious: u16 = 0;
  zeroWindowPackets: u16 = 0;
  urgCount: u16 = 0;
  eceCount: u16 = 0;
  cwrCount: u16 = 0;
}

export const RUNS: usize = offsetof<Disorder>("run0");
export const MOST_RUNS: u32 = 4;

/** A flow's active periods but the last one, and the idle ones between them. */
@unmanaged
export class Periods {
  activeSum: f64 = 0;
  activeSquares: f64 = 0;
  activeMin: f64 = 0;
  activeMax: f64 = 0;
  idleSum: f64 = 0;
  idleSquares: f64 = 0;
  idleMin: f64 = 0;
  idleMax: f64 = 0;
  count: u32 = 0;
}

/** The outermost addresses by endpoint, and the tunnels behind them, of a flow within another packet. */
@unmanaged
export class Outer {
  lowA: u64 = 0;
  lowB: u64 = 0;
  highA: u64 = 0;
  highB: u64 = 0;
}

export const OUTER_TUNNELS: usize = offsetof<Outer>();

/** The first block stays zero: it stands for all that were not taken. */
let blocks: usize = 0;
let fresh: u32 = 1;
/** Numbers of blocks given back, the last one on top, and how many: apart from the blocks, which need not be there to take one. */
let freeBlocks: usize = 0;
let freeCount: u32 = 0;

export function reserveRare(maxFlows: i32): void {
  const most = <usize>maxFlows * MOST_OF_A_FLOW;
  blocks = reserve((most + 1) * BLOCK);
  freeBlocks = reserve(most * 4);
}

function take(): u32 {
  const number = takeUsed();
  zero(addressOf(number), BLOCK);
  return number;
}

/** A block as it was given back. */
// @ts-ignore: decorator
@inline
function takeUsed(): u32 {
  if (freeCount === 0) return fresh++;
  freeCount--;
  return load<u32>(freeBlocks + (<usize>freeCount << 2));
}

// @ts-ignore: decorator
@inline
function give(number: u32): void {
  if (number === 0) return;
  store<u32>(freeBlocks + (<usize>freeCount << 2), number);
  freeCount++;
}

// @ts-ignore: decorator
@inline
function addressOf(number: u32): usize {
  return blocks + <usize>number * BLOCK;
}

/** To read: all zero where there was nothing to note. */
// @ts-ignore: decorator
@inline
export function disorderOf(direction: Direction): Disorder {
  return changetype<Disorder>(addressOf(direction.disorder));
}

/** To write. */
export function noteDisorder(direction: Direction): Disorder {
  if (direction.disorder === 0) direction.disorder = take();
  return disorderOf(direction);
}

/** To read: all zero where there was one active period only. */
// @ts-ignore: decorator
@inline
export function periodsOf(flow: Flow): Periods {
  return changetype<Periods>(addressOf(flow.periods));
}

/** To write. */
export function notePeriods(flow: Flow): Periods {
  if (flow.periods === 0) flow.periods = take();
  return periodsOf(flow);
}

/** Address of the `Outer` of a flow that has one, to read; its tunnels follow. */
// @ts-ignore: decorator
@inline
export function outerOf(flow: Flow): usize {
  return addressOf(flow.outer);
}

/** Address of a new flow's `Outer`, to write. */
export function noteOuter(flow: Flow): usize {
  flow.outer = take();
  return outerOf(flow);
}

/** Address of the activity (activity.ts) of a flow that has one. */
// @ts-ignore: decorator
@inline
export function activityOf(flow: Flow): usize {
  return addressOf(flow.activity);
}

// @ts-ignore: decorator
@inline
export function giveActivity(flow: Flow): void {
  give(flow.activity);
}

/** Nothing of it is read before it was written. */
export function noteActivity(flow: Flow): void {
  flow.activity = takeUsed();
}

/** Reads what a flow has, so that it is there when it is needed. */
// @ts-ignore: decorator
@inline
export function readRare(flow: Flow, originator: Direction, responder: Direction): u64 {
  // Of most flows most of these are the first block.
  const activity = addressOf(flow.activity >> 31 !== 0 ? 0 : flow.activity);
  const sent = addressOf(originator.disorder);
  const received = addressOf(responder.disorder);
  return load<u64>(activity) + load<u64>(activity, CACHE_LINE) + load<u64>(sent) + load<u64>(sent, CACHE_LINE) + load<u64>(received) + load<u64>(received, CACHE_LINE);
}

// @ts-ignore: decorator
@inline
export function giveOuter(flow: Flow): void {
  give(flow.outer);
}

/** Gives back what a flow has beside its activity. */
// @ts-ignore: decorator
@inline
export function giveBack(flow: Flow, originator: Direction, responder: Direction): void {
  give(flow.periods);
  give(flow.outer);
  give(originator.disorder);
  give(responder.disorder);
}
