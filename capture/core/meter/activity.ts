import {Direction, directionOf, Flow} from "./layout";
import {reserve} from "./memory";
import {ACTIVITY_BYTES, activityOf, disorderOf, noteActivity} from "./rare";

/**
 * When a flow was active: bytes, packets and retransmissions by bin. Bins begin at whole multiples of their width since
 * 1970, a second at first; where there is no room for another bin, the width doubles and neighbours become one. A bin is
 * kept as the flow's sums at its end, so that a packet within the open bin costs one comparison. Most flows have few bins,
 * in a block of 128 bytes; one with more gets a profile of 64, of which there are 65,536.
 */
const FEW: u32 = 4;
const MANY: u32 = 64;
const MOST_PROFILES = 1 << 16;
const SECOND: f64 = 1e6;
/** Seconds since 1970 that fit. */
const LAST_SECOND: f64 = 4294967294;

/** A bin that is over, with the flow's sums at its end, modulo 2^32. */
@unmanaged
class Bin {
  number: u32 = 0;
  sentBytes: u32 = 0;
  receivedBytes: u32 = 0;
  sent: u32 = 0;
  received: u32 = 0;
  repeated: u32 = 0;
}

/** A flow's block begins with the number of its profile of many bins, if it has more than few. */
const BINS: usize = 16;
const BIN_BYTES: usize = offsetof<Bin>();
const PROFILE_BYTES: usize = (<usize>MANY * BIN_BYTES + 63) & ~63;

let profiles: usize = 0;
/** A bin that is still open, as it is written. */
let openPlace: usize = 0;
let most: u32 = 0;
let fresh: u32 = 0;
/** Number of the first profile given back; each begins with the next one's. */
let free: u32 = 0;

export function reserveActivity(maxFlows: i32): void {
  assert(BINS + <usize>FEW * BIN_BYTES <= ACTIVITY_BYTES);
  most = <u32>min(maxFlows, MOST_PROFILES);
  openPlace = reserve(BIN_BYTES);
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

// @ts-ignore: decorator
@inline
function binsOf(flow: Flow): usize {
  return <u32>flow.bins > FEW ? profileAt(load<u32>(activityOf(flow))) : activityOf(flow) + BINS;
}

// @ts-ignore: decorator
@inline
function binAt(bins: usize, number: u32): Bin {
  return changetype<Bin>(bins + <usize>number * BIN_BYTES);
}

// @ts-ignore: decorator
@inline
function profileAt(number: u32): usize {
  return profiles + <usize>number * PROFILE_BYTES;
}

/** Number of the open bin: its second since 1970 by its width. */
// @ts-ignore: decorator
@inline
function openOf(flow: Flow): u32 {
  return flow.bins === 0 ? secondOf(flow.binEnd) - 1 : <u32>(<u64>(flow.binEnd / SECOND) >> flow.binShift) - 1;
}

/**
 * Ends the open bin of a flow before a packet of `time`, which is not counted yet, and opens that of the time. What is
 * asked for stands in the flow's row: its bins are only written to, which nothing waits for.
 */
export function openBin(flow: Flow, time: f64): void {
  closeBin(flow, openOf(flow));
  const open = secondOf(time) >> flow.binShift;
  flow.binEnd = <f64>((<u64>open + 1) << flow.binShift) * SECOND;
}

function closeBin(flow: Flow, number: u32): void {
  if (flow.activity === 0) noteActivity(flow);
  while (!isLast(flow, number)) {
    const count = <u32>flow.bins;
    if ((count !== FEW && count !== MANY) || (count === FEW && takesMany(flow))) {
      flow.bins++;
      break;
    }
    number = doubleWidth(flow, number);
  }
  sumUp(flow, binAt(binsOf(flow), <u32>flow.bins - 1), number);
}

/** True where the open bin goes on as the last one that was ended, since widths have doubled or time goes no further. */
// @ts-ignore: decorator
@inline
function isLast(flow: Flow, number: u32): bool {
  return (flow.binShift !== 0 || number === <u32>LAST_SECOND) && flow.bins !== 0 && binAt(binsOf(flow), <u32>flow.bins - 1).number === number;
}

function sumUp(flow: Flow, bin: Bin, number: u32): void {
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  bin.number = number;
  bin.sentBytes = <u32>(<u64>originator.wireBytes);
  bin.receivedBytes = <u32>(<u64>responder.wireBytes);
  bin.sent = originator.packets;
  bin.received = responder.packets;
  bin.repeated = repeatedOf(originator) + repeatedOf(responder);
}

// @ts-ignore: decorator
@inline
function repeatedOf(direction: Direction): u32 {
  return disorderOf(direction).repeated;
}

/** Takes a profile of many bins for a flow that has few; false where there is none. */
function takesMany(flow: Flow): bool {
  const profile = takeProfile();
  if (profile === 0) return false;
  memory.copy(profileAt(profile), binsOf(flow), <usize>FEW * BIN_BYTES);
  store<u32>(activityOf(flow), profile);
  return true;
}

/** Makes bins twice as wide; the open one's number then. */
function doubleWidth(flow: Flow, number: u32): u32 {
  const bins = binsOf(flow);
  const count = <u32>flow.bins;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const bin = binAt(bins, i);
    bin.number >>= 1;
    if (kept > 0 && binAt(bins, kept - 1).number === bin.number) kept--;
    if (kept !== i) memory.copy(changetype<usize>(binAt(bins, kept)), changetype<usize>(bin), BIN_BYTES);
    kept++;
  }
  flow.bins = <u8>kept;
  flow.binShift++;
  return number >> 1;
}

function takeProfile(): u32 {
  const number = free;
  if (number !== 0) {
    free = load<u32>(profileAt(number));
    return number;
  }
  return fresh < most ? ++fresh : 0;
}

/** Gives back the profile of a flow that ends. */
// @ts-ignore: decorator
@inline
export function endActivity(flow: Flow): void {
  if (<u32>flow.bins <= FEW) return;
  const profile = load<u32>(activityOf(flow));
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

const LISTS: u32 = 6;
const NUMBERS: u32 = 0;
const REPEATED: u32 = 5;
const SEMICOLON: u8 = 0x3b;
const COMMA: u8 = 0x2c;
/** Six numbers of ten digits and what parts them, of all bins; the width. */
export const MOST_TEXT: usize = 16 + <usize>(MANY + 1) * 66;

let textEnd: usize = 0;

/**
 * Writes the activity as text, where the flow had more than one bin; the address behind it. Its lists, apart by
 * semicolons: width of a bin in seconds; bins since that of the flow's start; bytes, of those the originator's; packets, of
 * those the originator's; retransmissions, where there were any.
 */
export function writeActivity(flow: Flow, at: usize): usize {
  if (flow.bins === 0) return at;
  const bins = binsOf(flow);
  // The open bin as it is now.
  const last = changetype<Bin>(openPlace);
  const number = openOf(flow);
  sumUp(flow, last, number);
  const closed = <u32>flow.bins - (isLast(flow, number) ? 1 : 0);
  if (closed === 0) return at;
  textEnd = at;
  writeNumber(1 << flow.binShift);
  const first = secondOf(flow.first) >> flow.binShift;
  for (let list: u32 = 0; list < LISTS; list++) {
    if (list === REPEATED && last.repeated === 0) break;
    let before: u32 = list === NUMBERS ? first : 0;
    for (let i: u32 = 0; i <= closed; i++) {
      const value = valueOf(i < closed ? binAt(bins, i) : last, list);
      store<u8>(textEnd++, i === 0 ? SEMICOLON : COMMA);
      writeNumber(value - before);
      if (list !== NUMBERS) before = value;
    }
  }
  return textEnd;
}

function valueOf(bin: Bin, list: u32): u32 {
  switch (list) {
    case 0:
      return bin.number;
    case 1:
      return bin.sentBytes + bin.receivedBytes;
    case 2:
      return bin.sentBytes;
    case 3:
      return bin.sent + bin.received;
    case 4:
      return bin.sent;
    default:
      return bin.repeated;
  }
}

function writeNumber(value: u32): void {
  let digits: usize = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) digits++;
  let at = textEnd + digits;
  textEnd = at;
  do {
    store<u8>(--at, <u8>(0x30 + (value % 10)));
    value /= 10;
  } while (value > 0);
}
