import {mix} from "./hash";
import {clearLastFlows, lastNumber, lastPlace, noteAnswerTo, noteFlowFrom, noteFlowTo, readHost, readHostSet, reserveLastFlows} from "./last-flows";
import {CONTEXT, Flow} from "./layout";
import {reserve} from "./memory";
import {clearPairs, noteEndOfPair, noteStartOfPair, readPair, readPairSet, reservePairs} from "./pairs";
import {captureSeed} from "./settings";

/**
 * Context of a flow at its start: what its source, its destination and the pair did in the 5 seconds before, counted
 * exactly by a ring of recent starts and nodes with one count each; and what their last flows were (last-flows.ts,
 * pairs.ts). Only the past is looked at, in packet time.
 *
 * What is looked up lies anywhere in memory. Starts, answers and ends wait in a short queue therefore, in order, and are
 * settled together: what all of them need is read at once, then each is noted.
 */

const WINDOW: f64 = 5e6;
/** Starts remembered; beyond, the oldest leave before their 5 seconds are over, and are counted. */
const RING = 1 << 16;
const NODES = RING * 6;
const BUCKETS = 1 << 18;

/** A source, a destination, or a pair of things, with how often it stands in the window. */
@unmanaged
class Node {
  key: u64 = 0;
  following: u32 = 0;
  starts: u32 = 0;
  /** Source: distinct ports; destination: distinct sources; destination and port: distinct sources. */
  distinct: u32 = 0;
  /** Source: distinct destinations. */
  hosts: u32 = 0;
  /** Source: starts not answered so far, or answered by a RST. */
  failed: u32 = 0;
  unused: u32 = 0;
}

@unmanaged
class Start {
  time: f64 = 0;
  source: u32 = 0;
  destination: u32 = 0;
  sourcePort: u32 = 0;
  pair: u32 = 0;
  pairPort: u32 = 0;
  destinationPort: u32 = 0;
  failed: u32 = 0;
  /** Where the source's last flows stand, and this one's number among them (last-flows.ts). */
  place: u32 = 0;
  number: u32 = 0;
  unused: u32 = 0;
  sourceKey: u64 = 0;
}

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
  /** Where they stood when they were read ahead: the pair, the source's last flows and the destination's. */
  pairPlace: u32 = 0;
  sourcePlace: u32 = 0;
  destinationPlace: u32 = 0;
}

const START: u32 = 0;
const ANSWER: u32 = 1;
const END: u32 = 2;

/** What waits at most. */
const WAITING: u32 = 32;

let ring: usize = 0;
let nodes: usize = 0;
let buckets: usize = 0;
let head: u64 = 0;
let tail: u64 = 0;
let queue: usize = 0;
let waiting: u32 = 0;
/** Number of the next start; those from `head` on wait. */
let nextStart: u64 = 0;
let freshNode: u32 = 1;
/** Numbers of nodes given back, the last one on top. */
let freeNodes: usize = 0;
let freeCount: u32 = 0;
export let startsDropped: f64 = 0;

export function reserveWindows(): void {
  ring = reserve(<usize>RING * offsetof<Start>());
  nodes = reserve(<usize>(NODES + 1) * offsetof<Node>());
  freeNodes = reserve(<usize>NODES * 4);
  buckets = reserve(<usize>BUCKETS * 4);
  reservePairs();
  reserveLastFlows();
  queue = reserve(<usize>WAITING * offsetof<Waiting>());
}

/** Forgets all starts, pairs and hosts. */
export function clearWindows(): void {
  for (; tail < head; tail++) drop(startAt(tail));
  head = tail = nextStart = 0;
  waiting = 0;
  startsDropped = 0;
  clearPairs();
  clearLastFlows();
}

/** Notes the flow's start; its context features are in its row once it `isSettled`. */
export function noteStart(flow: Flow, time: f64): void {
  const originatorIsLow = flow.originatorIsLow !== 0;
  const source = hostKey(originatorIsLow ? flow.lowA : flow.highA, originatorIsLow ? flow.lowB : flow.highB, flow.version);
  const destination = hostKey(originatorIsLow ? flow.highA : flow.lowA, originatorIsLow ? flow.highB : flow.lowB, flow.version + 1);
  const port = (<u64>flow.proto << 16) | (originatorIsLow ? flow.ports & 0xffff : (flow.ports >> 16) & 0xffff);
  const pair = mix(source, destination);
  const start = wait(START);
  start.port = <u32>port;
  start.time = time;
  start.source = source;
  start.destination = destination;
  start.sourcePort = mix(source, port);
  start.pair = pair;
  start.pairPort = mix(pair, port + 3);
  start.destinationPort = mix(destination, port + 4);
  start.row = <u32>(changetype<usize>(flow) + CONTEXT);
  flow.pairPort = start.pairPort;
  flow.startNumber = nextStart++;
}

/** Notes that the responder has answered with more than a refusal. */
// @ts-ignore: decorator
@inline
export function noteAnswer(flow: Flow): void {
  if (isForgotten(flow.startNumber)) return;
  wait(ANSWER).number = flow.startNumber;
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

/** True where a start's record has gone to a later one. */
// @ts-ignore: decorator
@inline
function isForgotten(number: u64): bool {
  return number + <u64>RING < head;
}

/** True where the flow's context features are in its row. */
// @ts-ignore: decorator
@inline
export function isSettled(flow: Flow): bool {
  return flow.startNumber < head;
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
    else noteEndOfPair(one.pairPort, one.pairPlace, one.payload);
  }
  waiting = 0;
}

function settleStart(one: Waiting): void {
  const time = one.time;
  leave(time);
  const start = startAt(head);
  start.time = time;
  start.failed = 1;
  start.source = hold(one.source);
  start.destination = hold(one.destination);
  start.sourcePort = hold(one.sourcePort);
  start.pair = hold(one.pair);
  start.pairPort = hold(one.pairPort);
  start.destinationPort = hold(one.destinationPort);
  const from = nodeAt(start.source);
  const to = nodeAt(start.destination);
  const toPort = nodeAt(start.destinationPort);
  // What stands in the features is the past: counts before this start joins them.
  const row = <usize>one.row;
  store<f32>(row, <f32>from.starts, 0);
  store<f32>(row, <f32>from.distinct, 4);
  store<f32>(row, <f32>from.hosts, 8);
  store<f32>(row, from.starts === 0 ? 0 : <f32>from.failed / <f32>from.starts, 12);
  store<f32>(row, <f32>to.starts, 16);
  store<f32>(row, <f32>to.distinct, 20);
  store<f32>(row, <f32>toPort.distinct, 24);
  store<f32>(row, <f32>nodeAt(start.pair).starts, 28);
  store<f32>(row, <f32>nodeAt(start.pairPort).starts, 32);
  // The end of a pair's first flow is not noted: most pairs have no other.
  if (noteStartOfPair(one.pairPort, one.pairPlace, time, row + 36, row + 64)) changetype<Flow>(row - CONTEXT).pairPort = 0;
  noteFlowFrom(one.source, one.sourcePlace, one.destination, one.port, row + 44);
  noteFlowTo(one.destination, one.destinationPlace, one.source, one.port, row + 56);
  start.place = lastPlace;
  start.number = lastNumber;
  start.sourceKey = one.source;
  if (nodeAt(start.sourcePort).starts++ === 0) from.distinct++;
  if (nodeAt(start.pair).starts++ === 0) {
    from.hosts++;
    to.distinct++;
  }
  if (nodeAt(start.pairPort).starts++ === 0) toPort.distinct++;
  from.starts++;
  from.failed++;
  to.starts++;
  toPort.starts++;
  head++;
}

function settleAnswer(number: u64): void {
  if (isForgotten(number)) return;
  const start = startAt(number);
  if (start.failed === 0) return;
  start.failed = 0;
  noteAnswerTo(start.sourceKey, start.place, start.number);
  if (number >= tail) nodeAt(start.source).failed--;
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u64 = 0;

/**
 * Reads what the waiting starts will need, and the starts that leave the window for them, so that all of it comes from
 * memory at the same time: first the buckets and the leaving starts' nodes, then what those name.
 */
function readAhead(): void {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.kind !== ANSWER) sum += readPairSet(one.pairPort);
    if (one.kind !== START) continue;
    sum += load<u32>(bucketOf(one.source)) + load<u32>(bucketOf(one.destination)) + load<u32>(bucketOf(one.sourcePort));
    sum += load<u32>(bucketOf(one.pair)) + load<u32>(bucketOf(one.pairPort)) + load<u32>(bucketOf(one.destinationPort));
    sum += readHostSet(one.source) + readHostSet(one.destination);
  }
  const leaving = min(head, tail + waiting);
  for (let number = tail; number < leaving; number++) {
    const start = startAt(number);
    sum += nodeAt(start.source).key + nodeAt(start.destination).key + nodeAt(start.sourcePort).key;
    sum += nodeAt(start.pair).key + nodeAt(start.pairPort).key + nodeAt(start.destinationPort).key;
  }
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.kind !== ANSWER) one.pairPlace = readPair(one.pairPort);
    if (one.kind !== START) continue;
    sum += firstOf(one.source) + firstOf(one.destination) + firstOf(one.sourcePort);
    sum += firstOf(one.pair) + firstOf(one.pairPort) + firstOf(one.destinationPort);
    one.sourcePlace = readHost(one.source);
    one.destinationPlace = readHost(one.destination);
  }
  for (let number = tail; number < leaving; number++) {
    const start = startAt(number);
    sum += bucketOfNode(start.sourcePort) + bucketOfNode(start.pair) + bucketOfNode(start.pairPort) + bucketOfNode(start.destinationPort);
  }
  ahead = sum;
}

/** Key of the first node in a key's bucket. */
// @ts-ignore: decorator
@inline
function firstOf(key: u64): u64 {
  return nodeAt(load<u32>(bucketOf(key))).key;
}

// @ts-ignore: decorator
@inline
function bucketOfNode(number: u32): u32 {
  return load<u32>(bucketOf(nodeAt(number).key));
}

// @ts-ignore: decorator
@inline
function bucketOf(key: u64): usize {
  return buckets + (<usize>(key & (BUCKETS - 1)) << 2);
}

/** A host in one role; `role` tells IPv4 from IPv6 and source from destination. */
// @ts-ignore: decorator
@inline
function hostKey(a: u64, b: u64, role: u32): u64 {
  return mix(mix(mix(captureSeed, role), a), b);
}

/** Takes the starts out of the window that are older than it, or that would overfill the ring. */
function leave(time: f64): void {
  while (tail < head) {
    const start = startAt(tail);
    if (time - start.time <= WINDOW) {
      if (head - tail < <u64>RING) return;
      startsDropped += 1;
    }
    drop(start);
    tail++;
  }
}

function drop(start: Start): void {
  const from = nodeAt(start.source);
  const to = nodeAt(start.destination);
  const toPort = nodeAt(start.destinationPort);
  if (--nodeAt(start.sourcePort).starts === 0) {
    from.distinct--;
    release(start.sourcePort);
  }
  if (--nodeAt(start.pair).starts === 0) {
    from.hosts--;
    to.distinct--;
    release(start.pair);
  }
  if (--nodeAt(start.pairPort).starts === 0) {
    toPort.distinct--;
    release(start.pairPort);
  }
  from.failed -= start.failed;
  if (--from.starts === 0) release(start.source);
  if (--to.starts === 0) release(start.destination);
  if (--toPort.starts === 0) release(start.destinationPort);
}

// @ts-ignore: decorator
@inline
function startAt(number: u64): Start {
  return changetype<Start>(ring + <usize>(number & <u64>(RING - 1)) * offsetof<Start>());
}

// @ts-ignore: decorator
@inline
function nodeAt(number: u32): Node {
  return changetype<Node>(nodes + <usize>number * offsetof<Node>());
}

/** The node of that key, made if need be; there are enough for a full ring. */
function hold(key: u64): u32 {
  const bucket = bucketOf(key);
  let number = load<u32>(bucket);
  while (number !== 0) {
    if (nodeAt(number).key === key) return number;
    number = nodeAt(number).following;
  }
  if (freeCount !== 0) {
    freeCount--;
    number = load<u32>(freeNodes + (<usize>freeCount << 2));
  } else number = freshNode++;
  const node = nodeAt(number);
  node.key = key;
  node.starts = 0;
  node.distinct = 0;
  node.hosts = 0;
  node.failed = 0;
  node.following = load<u32>(bucket);
  store<u32>(bucket, number);
  return number;
}

function release(number: u32): void {
  const node = nodeAt(number);
  const bucket = bucketOf(node.key);
  let at = load<u32>(bucket);
  if (at === number) store<u32>(bucket, node.following);
  else {
    while (nodeAt(at).following !== number) at = nodeAt(at).following;
    nodeAt(at).following = node.following;
  }
  store<u32>(freeNodes + (<usize>freeCount << 2), number);
  freeCount++;
}
