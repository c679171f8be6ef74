import {mix} from "./hash";
import {clearLastFlows, lastNumber, noteAnswerTo, noteFlowFrom, noteFlowTo, peerOf, readHost, readHostSet, reserveLastFlows} from "./last-flows";
import {CONTEXT, Flow} from "./layout";
import {reserve} from "./memory";
import {clearPairs, noteEndOfPair, noteStartOfPair, readPair, readPairSet, reservePairs} from "./pairs";
import {answer, clearStarts, enter, head, isForgotten, readBucket, readLeaving, readLeavingBuckets, readNode, reserveStarts} from "./recent-starts";
import {captureSeed} from "./settings";

/**
 * Context of a flow at its start: what its source, its destination and the pair did in the 5 seconds before
 * (recent-starts.ts), and what their last flows were (last-flows.ts, pairs.ts). Only the past is looked at, in packet
 * time.
 *
 * What is looked up lies anywhere in memory. Starts, answers and ends wait in a short queue therefore, in order, and are
 * settled together: what all of them need is read at once, then each is noted.
 */

/** A start, an answer or an end that waits to be settled. */
@unmanaged
class Waiting {
  time: f64 = 0;
  source: u64 = 0;
  destination: u64 = 0;
  sourcePort: u64 = 0;
  pair: u64 = 0;
  pairPort: u64 = 0;
  destinationPort: u64 = 0;
  /** Of a start: responder's port and protocol. */
  port: u32 = 0;
  /** Of a start: where its features go. */
  row: u32 = 0;
  /** Of an answer: the start's number. */
  number: u64 = 0;
  /** Of an end: bytes. */
  payload: f64 = 0;
  kind: u32 = 0;
  /** Of a start: what tells the two hosts from others (last-flows.ts). */
  sourcePeer: u16 = 0;
  destinationPeer: u16 = 0;
}

const START: u32 = 0;
const ANSWER: u32 = 1;
const END: u32 = 2;

/** Makes a small number one that tells hashes apart (2⁶⁴ by the golden ratio). */
const SPREAD: u64 = 0x9e3779b97f4a7c15;

/** What waits at most. */
const WAITING: u32 = 32;

let queue: usize = 0;
let waiting: u32 = 0;
/** Number of the next start; those from `head` on wait. */
let nextStart: u64 = 0;

export function reserveWindows(): void {
  reserveStarts();
  reservePairs();
  reserveLastFlows();
  queue = reserve(<usize>WAITING * offsetof<Waiting>());
}

/** Forgets all starts, pairs and hosts. */
export function clearWindows(): void {
  nextStart = 0;
  waiting = 0;
  clearStarts();
  clearPairs();
  clearLastFlows();
}

/** Notes the flow's start; its context features are in its row once it `isSettled`. */
export function noteStart(flow: Flow, time: f64): void {
  const originatorIsLow = flow.originatorIsLow !== 0;
  const sourceA = originatorIsLow ? flow.lowA : flow.highA;
  const sourceB = originatorIsLow ? flow.lowB : flow.highB;
  const destinationA = originatorIsLow ? flow.highA : flow.lowA;
  const destinationB = originatorIsLow ? flow.highB : flow.lowB;
  const source = hostKey(sourceA, sourceB, flow.version);
  const destination = hostKey(destinationA, destinationB, flow.version + 1);
  const port = (<u64>flow.proto << 16) | (originatorIsLow ? flow.ports & 0xffff : (flow.ports >> 16) & 0xffff);
  const pair = mix(source, destination);
  const start = wait(START);
  start.port = <u32>port;
  start.sourcePeer = peerOf(sourceA, sourceB);
  start.destinationPeer = peerOf(destinationA, destinationB);
  start.time = time;
  start.source = source;
  start.destination = destination;
  // Added to hashes: a product is mixed enough for that, once its upper half has come down to the protocol's.
  const product = (port + 1) * SPREAD;
  const spread = product ^ (product >> 32);
  start.sourcePort = source + spread;
  start.pair = pair;
  start.pairPort = pair + spread;
  start.destinationPort = destination + spread;
  start.row = <u32>(changetype<usize>(flow) + CONTEXT);
  flow.pairPort = start.pairPort;
  flow.startNumber = <u32>nextStart;
  nextStart++;
}

/** Notes that the responder has answered with more than a refusal. */
// @ts-ignore: decorator
@inline
export function noteAnswer(flow: Flow): void {
  const number = numberOf(flow);
  if (!isForgotten(number)) wait(ANSWER).number = number;
}

/** Notes the end of the flow with its payload, in bytes of both directions. */
// @ts-ignore: decorator
@inline
export function noteEnd(flow: Flow, payload: f64): void {
  if (flow.pairPort === 0) return;
  const end = wait(END);
  end.pairPort = flow.pairPort;
  end.payload = payload;
}

/** True where the flow's context features are in its row. */
// @ts-ignore: decorator
@inline
export function isSettled(flow: Flow): bool {
  return numberOf(flow) < head;
}

/** Number of the flow's start, which lies within 2^31 of the newest. */
// @ts-ignore: decorator
@inline
function numberOf(flow: Flow): u64 {
  return head + <u64>(<i64>(<i32>(flow.startNumber - <u32>head)));
}

// @ts-ignore: decorator
@inline
function wait(kind: u32): Waiting {
  if (waiting === WAITING) settle();
  const one = waitingAt(waiting++);
  one.kind = kind;
  return one;
}

// @ts-ignore: decorator
@inline
function waitingAt(number: u32): Waiting {
  return changetype<Waiting>(queue + <usize>number * offsetof<Waiting>());
}

/** Settles what waits. */
export function settle(): void {
  readAhead();
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.kind === START) settleStart(one);
    else if (one.kind === ANSWER) settleAnswer(one.number);
    else noteEndOfPair(one.pairPort, one.payload);
  }
  waiting = 0;
}

function settleStart(one: Waiting): void {
  const row = <usize>one.row;
  const start = enter(one.time, one.source, one.destination, one.sourcePort, one.pair, one.pairPort, one.destinationPort, row);
  // The end of a pair's first flow is not noted: most pairs have no other.
  if (noteStartOfPair(one.pairPort, one.time, row + 36, row + 64)) changetype<Flow>(row - CONTEXT).pairPort = 0;
  noteFlowFrom(one.source, one.destinationPeer, one.port, row + 44);
  noteFlowTo(one.destination, one.sourcePeer, one.port, row + 56);
  start.number = lastNumber;
  start.sourceKey = one.source;
}

function settleAnswer(number: u64): void {
  const start = answer(number);
  if (start !== null) noteAnswerTo(start.sourceKey, start.number);
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u64 = 0;

/**
 * Reads what the waiting starts and ends will need, and the starts that leave the window for them, so that all of it
 * comes from memory at the same time: first buckets, sets and the leaving starts' nodes, then what those name.
 */
function readAhead(): void {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.kind !== ANSWER) sum += readPairSet(one.pairPort);
    if (one.kind !== START) continue;
    sum += readBucket(one.source) + readBucket(one.destination) + readBucket(one.sourcePort);
    sum += readBucket(one.pair) + readBucket(one.pairPort) + readBucket(one.destinationPort);
    sum += readHostSet(one.source) + readHostSet(one.destination);
  }
  sum += readLeaving(waiting);
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.kind !== ANSWER) sum += readPair(one.pairPort);
    if (one.kind !== START) continue;
    sum += readNode(one.source) + readNode(one.destination) + readNode(one.sourcePort);
    sum += readNode(one.pair) + readNode(one.pairPort) + readNode(one.destinationPort);
    sum += readHost(one.source) + readHost(one.destination);
  }
  ahead = sum + readLeavingBuckets(waiting);
}

/** A host in one role; `role` tells IPv4 from IPv6 and source from destination. */
// @ts-ignore: decorator
@inline
function hostKey(a: u64, b: u64, role: u32): u64 {
  const key = mix(captureSeed + <u64>role * SPREAD, a);
  return b === 0 ? key : mix(key, b);
}
