import {directionOf, Flow} from "./layout";
import {reserve} from "./memory";
import {ACTIVITY_BYTES, activityOf, giveActivity, noteActivity} from "./rare";

/**
 * When a flow was active: bytes, packets and retransmissions by bin. A bin is a second of the clock with packets; where
 * there is no room for another one, the two neighbours become one bin over both and the time between of which the least
 * bytes then seem to lie in another second. A bin is kept as the flow's sums at its end, so that a packet within the open
 * bin costs two comparisons. Most flows have few bins, in a block of 128 bytes; one with more gets a profile, of which
 * there are 65,536.
 */
const FEW: u32 = 4;
const MANY: u32 = 96;
const MOST_PROFILES = 1 << 16;
export const SECOND: f64 = 1e6;
/** Seconds since 1970 that fit. */
const LAST_SECOND: f64 = 4294967294;

/** Bins that a flow's activity is made of at most: those that are over and the open one. */
export const MOST_BINS = MANY + 1;

/** A bin that is over, from its first second to its last, with the flow's sums at its end, modulo 2^32. */
@unmanaged
export class Bin {
  first: u32 = 0;
  last: u32 = 0;
  sentBytes: u32 = 0;
  receivedBytes: u32 = 0;
  sent: u32 = 0;
  received: u32 = 0;
  repeated: u32 = 0;
}

export const BIN_BYTES: usize = offsetof<Bin>();
/** Behind a profile's bins stand what it costs to join each with the next one, and before those how many of the costs hold. */
const COSTS_THAT_HOLD: usize = <usize>MANY * BIN_BYTES;
const COSTS: usize = (COSTS_THAT_HOLD + 4 + 7) & ~7;
const PROFILE_BYTES: usize = (COSTS + <usize>MANY * 8 + 63) & ~63;

let profiles: usize = 0;
let most: u32 = 0;
let fresh: u32 = 0;
/** Number of the first profile given back; each begins with the next one's. */
let free: u32 = 0;

export function reserveActivity(maxFlows: i32): void {
  assert(<usize>FEW * BIN_BYTES <= ACTIVITY_BYTES);
  most = <u32>min(maxFlows, MOST_PROFILES);
  profiles = reserve(<usize>(most + 1) * PROFILE_BYTES);
}

/** Second of a time, within what fits. */
// @ts-ignore: decorator
@inline
function secondOf(time: f64): u32 {
  const second = Math.floor(time / SECOND);
  return second > 0 ? <u32>min<f64>(second, LAST_SECOND) : 0;
}

/** When the first bin of a flow that begins is over. */
// @ts-ignore: decorator
@inline
export function firstBinEnd(time: f64): f64 {
  return (Math.floor(time / SECOND) + 1) * SECOND;
}

/** Set in a flow's `activity` where that is a profile's number. */
const PROFILE: u32 = 1 << 31;

// @ts-ignore: decorator
@inline
function hasProfile(flow: Flow): bool {
  return (flow.activity & PROFILE) !== 0;
}

// @ts-ignore: decorator
@inline
function binsOf(flow: Flow): usize {
  return hasProfile(flow) ? profileAt(flow.activity & ~PROFILE) : activityOf(flow);
}

// @ts-ignore: decorator
@inline
export function binAt(bins: usize, number: u32): Bin {
  return changetype<Bin>(bins + <usize>number * BIN_BYTES);
}

// @ts-ignore: decorator
@inline
function profileAt(number: u32): usize {
  return profiles + <usize>number * PROFILE_BYTES;
}

/** Second of the open bin. */
// @ts-ignore: decorator
@inline
function openOf(flow: Flow): u32 {
  return secondOf(flow.binEnd) - 1;
}

/**
 * Ends the open bin of a flow before a packet of `time`, which is not counted yet, and opens that of the time. What is
 * asked for stands in the flow's row: its bins are only written to, which nothing waits for.
 */
export function openBin(flow: Flow, time: f64): void {
  const second = openOf(flow);
  if (flow.activity === 0) noteActivity(flow);
  if (isLast(flow, second)) forgetCosts(flow);
  else {
    makeRoom(flow);
    flow.bins++;
  }
  sumUp(flow, binAt(binsOf(flow), <u32>flow.bins - 1), second);
  flow.binEnd = firstBinEnd(<f64>secondOf(time) * SECOND);
}

/** True where the open bin goes on as the last one that was ended, since time goes no further. */
// @ts-ignore: decorator
@inline
function isLast(flow: Flow, second: u32): bool {
  return second === <u32>LAST_SECOND && flow.bins !== 0 && binAt(binsOf(flow), <u32>flow.bins - 1).last === second;
}

/** Takes a packet of a time before the open bin, which is not counted yet. */
export function addToEarlierBin(flow: Flow, side: u32, time: f64, wire: u32): void {
  const second = secondOf(time);
  if (flow.activity === 0) noteActivity(flow);
  let place = placeOf(flow, second);
  if (place < 0) {
    makeRoom(flow);
    place = placeOf(flow, second);
  }
  if (place < 0) {
    place = ~place;
    flow.bins++;
    insertBin(binsOf(flow), place, <i32>flow.bins, second);
  }
  for (let i = <u32>place; i < <u32>flow.bins; i++) {
    const bin = binAt(binsOf(flow), i);
    if (side === 0) {
      bin.sentBytes += wire;
      bin.sent++;
    } else {
      bin.receivedBytes += wire;
      bin.received++;
    }
  }
  forgetCosts(flow);
}

/** Place of the ended bin that has the second; of one that would have it, had it been, the complement. */
function placeOf(flow: Flow, second: u32): i32 {
  const bins = binsOf(flow);
  let place = <i32>flow.bins;
  while (place > 0 && binAt(bins, <u32>place - 1).last >= second) place--;
  return place < <i32>flow.bins && binAt(bins, <u32>place).first <= second ? place : ~place;
}

/** Moves bins on from a place; the one there has the sums of the one before. */
function insertBin(bins: usize, place: i32, count: i32, second: u32): void {
  const bin = binAt(bins, place);
  memory.copy(changetype<usize>(bin) + BIN_BYTES, changetype<usize>(bin), <usize>(count - place - 1) * BIN_BYTES);
  if (place > 0) memory.copy(changetype<usize>(bin), changetype<usize>(binAt(bins, place - 1)), BIN_BYTES);
  else memory.fill(changetype<usize>(bin), 0, BIN_BYTES);
  bin.first = bin.last = second;
}

/** Makes room for another bin: a profile, or the room of one that becomes one with its neighbour. */
function makeRoom(flow: Flow): void {
  const count = <u32>flow.bins;
  if ((count === FEW && !takesMany(flow)) || count === MANY) joinNeighbours(flow);
}

/**
 * Makes the two neighbours one bin of which the least bytes then seem to lie in another second. What that costs is kept with
 * the bins of a profile: a join changes the costs on both sides of it, a bin that is ended adds one.
 */
function joinNeighbours(flow: Flow): void {
  const bins = binsOf(flow);
  const count = <u32>flow.bins - 1;
  const isProfile = hasProfile(flow);
  const costs = bins + COSTS;
  let least = Infinity;
  let place: u32 = 0;
  for (let i: u32 = isProfile ? load<u32>(bins + COSTS_THAT_HOLD) : count; i < count; i++) store<f64>(costs + (<usize>i << 3), costAt(bins, i));
  for (let i: u32 = 0; i < count; i++) {
    const cost = isProfile ? load<f64>(costs + (<usize>i << 3)) : costAt(bins, i);
    if (cost >= least) continue;
    least = cost;
    place = i;
  }
  const bin = binAt(bins, place);
  const second = bin.first;
  const next = changetype<usize>(bin) + BIN_BYTES;
  memory.copy(changetype<usize>(bin), next, <usize>(count - place) * BIN_BYTES);
  bin.first = second;
  flow.bins--;
  if (!isProfile) return;
  const cost = costs + (<usize>place << 3);
  memory.copy(cost, cost + 8, <usize>(count - 1 - place) << 3);
  if (place > 0) store<f64>(cost - 8, costAt(bins, place - 1));
  if (place < count - 1) store<f64>(cost, costAt(bins, place));
  store<u32>(bins + COSTS_THAT_HOLD, count - 1);
}

// @ts-ignore: decorator
@inline
function forgetCosts(flow: Flow): void {
  if (hasProfile(flow)) store<u32>(binsOf(flow) + COSTS_THAT_HOLD, 0);
}

/** What it costs to join that bin with the next one. */
// @ts-ignore: decorator
@inline
function costAt(bins: usize, number: u32): f64 {
  return movedBytes(binAt(bins, number), binAt(bins, number + 1), number > 0 ? bytesUntil(binAt(bins, number - 1)) : 0);
}

/** Bytes of two neighbours that lie elsewhere where both are spread evenly over their time; `before` both are so many. */
function movedBytes(bin: Bin, next: Bin, before: u32): f64 {
  const bytes = <f64>(bytesUntil(bin) - before);
  const nextBytes = <f64>(bytesUntil(next) - bytesUntil(bin));
  const each = (bytes + nextBytes) / <f64>(next.last - bin.first + 1);
  return max(0.0, bytes - each * <f64>(bin.last - bin.first + 1)) + max(0.0, nextBytes - each * <f64>(next.last - next.first + 1));
}

// @ts-ignore: decorator
@inline
export function bytesUntil(bin: Bin): u32 {
  return bin.sentBytes + bin.receivedBytes;
}

function sumUp(flow: Flow, bin: Bin, second: u32): void {
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  bin.first = bin.last = second;
  bin.sentBytes = <u32>(<u64>originator.wireBytes);
  bin.receivedBytes = <u32>(<u64>responder.wireBytes);
  bin.sent = originator.packets;
  bin.received = responder.packets;
  bin.repeated = flow.repeated;
}

/** Takes a profile of many bins for a flow that has few; false where there is none. */
function takesMany(flow: Flow): bool {
  const profile = takeProfile();
  if (profile === 0) return false;
  copyFew(profileAt(profile), binsOf(flow));
  giveActivity(flow);
  flow.activity = profile | PROFILE;
  forgetCosts(flow);
  return true;
}

/** Copies all the bins that few are. */
// @ts-ignore: decorator
@inline
function copyFew(to: usize, from: usize): void {
  for (let at: usize = 0; at < <usize>FEW * BIN_BYTES; at += 16) v128.store(to + at, v128.load(from + at));
}

function takeProfile(): u32 {
  const number = free;
  if (number !== 0) {
    free = load<u32>(profileAt(number));
    return number;
  }
  return fresh < most ? ++fresh : 0;
}

/**
 * Copies all bins of a flow that had more than one, the open one as it is now: the second of the flow's start (u32), how
 * many they are (u32), the bins; the address behind them, `at` itself where there was one bin only.
 */
export function copyActivity(flow: Flow, at: usize): usize {
  if (flow.bins === 0) return at;
  const second = openOf(flow);
  const closed = <u32>flow.bins - (isLast(flow, second) ? 1 : 0);
  if (closed === 0) return at;
  store<u32>(at, secondOf(flow.first));
  store<u32>(at, closed + 1, 4);
  if (hasProfile(flow)) memory.copy(at + 8, binsOf(flow), <usize>closed * BIN_BYTES);
  else copyFew(at + 8, binsOf(flow));
  const open = at + 8 + <usize>closed * BIN_BYTES;
  sumUp(flow, changetype<Bin>(open), second);
  return open + BIN_BYTES;
}

/** Gives back the activity of a flow that ends. */
// @ts-ignore: decorator
@inline
export function endActivity(flow: Flow): void {
  if (!hasProfile(flow)) return giveActivity(flow);
  const profile = flow.activity & ~PROFILE;
  store<u32>(profileAt(profile), free);
  free = profile;
}

/** Exchanges what came from originator and responder. */
export function flipActivity(flow: Flow): void {
  for (let i: u32 = 0; i < <u32>flow.bins; i++) {
    const bin = binAt(binsOf(flow), i);
    const bytes = bin.sentBytes;
    bin.sentBytes = bin.receivedBytes;
    bin.receivedBytes = bytes;
    const packets = bin.sent;
    bin.sent = bin.received;
    bin.received = packets;
  }
}
