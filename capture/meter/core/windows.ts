import {mix} from "./hash";
import {CONTEXT, Flow} from "./layout";
import {reserve} from "./memory";
import {captureSeed} from "./settings";

/**
 * Context of a flow at its start: what its source, its destination and the pair did in the 5 seconds before, counted
 * exactly by a ring of recent starts and nodes with one count each. Only the past is looked at, in packet time.
 *
 * What is looked up lies anywhere in memory. Starts and answers wait in a short queue therefore, in order, and are
 * settled together: what all of them need is read at once, then each is noted.
 */

const WINDOW: f64 = 5e6;
/** Starts remembered; beyond, the oldest leave before their 5 seconds are over, and are counted. */
const RING = 1 << 16;
const NODES = RING * 6;
const BUCKETS = 1 << 18;

/** Pairs whose last starts are kept for their regularity: sets of four, the least recently used gives way. */
const PAIR_SETS = 1 << 15;
const PAIR_WAYS = 4;
const PAIR_STARTS = 12;

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
  unused: u32 = 0;
}

/** A start or an answer that waits to be settled. */
@unmanaged
class Waiting {
  time: f64 = 0;
  /** Of an answer: the start's number. */
  source: u64 = 0;
  destination: u64 = 0;
  sourcePort: u64 = 0;
  pair: u64 = 0;
  pairPort: u64 = 0;
  destinationPort: u64 = 0;
  /** A start's place for its features; 0 for an answer. */
  row: u32 = 0;
  unused: u32 = 0;
}

/** Starts and answers that wait at most. */
const WAITING: u32 = 16;

/** A pair's starts; its key and its last use stand with those of its set, in one cache line. */
@unmanaged
class Pair {
  count: u32 = 0;
  unused: u32 = 0;
  // Twelve start times follow, as a ring.
}

const PAIR_BYTES: usize = 128;
/** Bytes of a set's keys, and of its uses behind them. */
const SET_BYTES: usize = PAIR_WAYS * 8 * 2;
const USES: usize = PAIR_WAYS * 8;

let ring: usize = 0;
let nodes: usize = 0;
let buckets: usize = 0;
let pairs: usize = 0;
let sets: usize = 0;
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
let pairUses: u64 = 0;
/** Uses up to this one were of captures before: such pairs are free. */
let pairsBefore: u64 = 0;
export let startsDropped: f64 = 0;
export let pairsEvicted: f64 = 0;

export function reserveWindows(): void {
  ring = reserve(<usize>RING * offsetof<Start>());
  nodes = reserve(<usize>(NODES + 1) * offsetof<Node>());
  freeNodes = reserve(<usize>NODES * 4);
  buckets = reserve(<usize>BUCKETS * 4);
  pairs = reserve(<usize>PAIR_SETS * PAIR_WAYS * PAIR_BYTES);
  sets = reserve(<usize>PAIR_SETS * SET_BYTES);
  queue = reserve(<usize>WAITING * offsetof<Waiting>());
}

/** Forgets all starts and pairs. */
export function clearWindows(): void {
  for (; tail < head; tail++) drop(startAt(tail));
  head = tail = nextStart = 0;
  waiting = 0;
  pairsBefore = pairUses;
  startsDropped = pairsEvicted = 0;
}

/** Notes the flow's start; its context features are in its row once it `isSettled`. */
export function noteStart(flow: Flow, time: f64): void {
  const originatorIsLow = flow.originatorIsLow !== 0;
  const source = hostKey(originatorIsLow ? flow.lowA : flow.highA, originatorIsLow ? flow.lowB : flow.highB, flow.version);
  const destination = hostKey(originatorIsLow ? flow.highA : flow.lowA, originatorIsLow ? flow.highB : flow.lowB, flow.version + 1);
  const port = (<u64>flow.proto << 16) | (originatorIsLow ? flow.ports & 0xffff : (flow.ports >> 16) & 0xffff);
  const pair = mix(source, destination);
  const start = wait();
  start.time = time;
  start.source = source;
  start.destination = destination;
  start.sourcePort = mix(source, port);
  start.pair = pair;
  start.pairPort = mix(pair, port + 3);
  start.destinationPort = mix(destination, port + 4);
  start.row = <u32>(changetype<usize>(flow) + CONTEXT);
  flow.startNumber = nextStart++;
}

/** Notes that the responder has answered with more than a refusal. */
// @ts-ignore: decorator
@inline
export function noteAnswer(flow: Flow): void {
  if (flow.startNumber < tail) return;
  const answer = wait();
  answer.source = flow.startNumber;
  answer.row = 0;
}

/** True where the flow's context features are in its row. */
// @ts-ignore: decorator
@inline
export function isSettled(flow: Flow): bool {
  return flow.startNumber < head;
}

// @ts-ignore: decorator
@inline
function wait(): Waiting {
  if (waiting === WAITING) settle();
  return waitingAt(waiting++);
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
    if (one.row !== 0) settleStart(one);
    else settleAnswer(one.source);
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
  noteInterval(one.pairPort, time, row);
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
  if (number < tail) return;
  const start = startAt(number);
  if (start.failed === 0) return;
  start.failed = 0;
  nodeAt(start.source).failed--;
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
    if (one.row === 0) continue;
    sum += load<u32>(bucketOf(one.source)) + load<u32>(bucketOf(one.destination)) + load<u32>(bucketOf(one.sourcePort));
    sum += load<u32>(bucketOf(one.pair)) + load<u32>(bucketOf(one.pairPort)) + load<u32>(bucketOf(one.destinationPort));
    sum += load<u64>(setOf(one.pairPort));
  }
  const leaving = min(head, tail + waiting);
  for (let number = tail; number < leaving; number++) {
    const start = startAt(number);
    sum += nodeAt(start.source).key + nodeAt(start.destination).key + nodeAt(start.sourcePort).key;
    sum += nodeAt(start.pair).key + nodeAt(start.pairPort).key + nodeAt(start.destinationPort).key;
  }
  for (let i: u32 = 0; i < waiting; i++) {
    const one = waitingAt(i);
    if (one.row === 0) continue;
    sum += firstOf(one.source) + firstOf(one.destination) + firstOf(one.sourcePort);
    sum += firstOf(one.pair) + firstOf(one.pairPort) + firstOf(one.destinationPort);
    sum += load<u32>(pairs + placeOf(one.pairPort) * PAIR_BYTES);
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

/** Mean and coefficient of variation of the intervals between the pair's last starts and this one; -1 below three. */
function noteInterval(key: u64, time: f64, row: usize): void {
  const pair = pairOf(key);
  const count = min<u32>(pair.count, PAIR_STARTS);
  let mean: f64 = -1;
  let variation: f64 = -1;
  if (count >= 3) {
    const oldest = startOf(pair, pair.count - count);
    mean = (time - oldest) / <f64>count;
    let squares: f64 = 0;
    let before = oldest;
    for (let i: u32 = 1; i <= count; i++) {
      const next = i === count ? time : startOf(pair, pair.count - count + i);
      squares += (next - before - mean) * (next - before - mean);
      before = next;
    }
    variation = mean > 0 ? Math.sqrt(squares / <f64>count) / mean : 0;
    mean = max<f64>(mean, 0) / 1e6;
  }
  store<f32>(row, <f32>mean, 36);
  store<f32>(row, <f32>variation, 40);
  store<f64>(timeAddress(pair, pair.count), time);
  pair.count++;
}

// @ts-ignore: decorator
@inline
function timeAddress(pair: Pair, number: u32): usize {
  return changetype<usize>(pair) + offsetof<Pair>() + <usize>(number % PAIR_STARTS) * 8;
}

// @ts-ignore: decorator
@inline
function startOf(pair: Pair, number: u32): f64 {
  return load<f64>(timeAddress(pair, number));
}

// @ts-ignore: decorator
@inline
function setOf(key: u64): usize {
  return sets + <usize>(key & (PAIR_SETS - 1)) * SET_BYTES;
}

/** Place of a pair: its own, or that of the set's least recently used. */
// @ts-ignore: decorator
@inline
function placeOf(key: u64): usize {
  const number = <usize>(key & (PAIR_SETS - 1)) * PAIR_WAYS;
  const set = setOf(key);
  let oldest: usize = 0;
  for (let way: usize = 0; way < <usize>PAIR_WAYS; way++) {
    const at = set + (way << 3);
    const used = load<u64>(at, USES);
    if (used > pairsBefore && load<u64>(at) === key) return number + way;
    if (used < load<u64>(set + (oldest << 3), USES)) oldest = way;
  }
  return number + oldest;
}

function pairOf(key: u64): Pair {
  const place = placeOf(key);
  const pair = changetype<Pair>(pairs + place * PAIR_BYTES);
  const at = setOf(key) + ((place & (PAIR_WAYS - 1)) << 3);
  const used = load<u64>(at, USES);
  if (used <= pairsBefore || load<u64>(at) !== key) {
    if (used > pairsBefore) pairsEvicted += 1;
    store<u64>(at, key);
    pair.count = 0;
  }
  store<u64>(at, ++pairUses, USES);
  return pair;
}
