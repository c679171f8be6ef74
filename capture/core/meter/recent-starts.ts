import {reserve} from "./memory";

/**
 * Flows started in the 5 seconds before, in packet time: a ring of starts, and nodes with a count of each source,
 * destination and pair of things, so that what stands in the window is counted exactly.
 */

const WINDOW: f64 = 5e6;
/** Starts remembered; beyond, the oldest leave before their 5 seconds are over, and are counted. */
const RING = 1 << 16;
const NODES = RING * 6;
/** Buckets of nodes grow with them: few stay in the processor's caches. */
const FIRST_BUCKETS: u32 = 1 << 12;
const MOST_BUCKETS: u32 = 1 << 18;

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
export class Start {
  time: f64 = 0;
  source: u32 = 0;
  destination: u32 = 0;
  sourcePort: u32 = 0;
  pair: u32 = 0;
  pairPort: u32 = 0;
  destinationPort: u32 = 0;
  failed: u32 = 0;
  /** Of the source its key, and this one's number among its last flows (last-flows.ts). */
  number: u32 = 0;
  sourceKey: u64 = 0;
}

let ring: usize = 0;
let nodes: usize = 0;
let buckets: usize = 0;
let bucketCount: u32 = FIRST_BUCKETS;
/** Number of the next start, and of the first one that is in the window. */
export let head: u64 = 0;
let tail: u64 = 0;
let freshNode: u32 = 1;
/** Numbers of nodes given back, the last one on top. */
let freeNodes: usize = 0;
let freeCount: u32 = 0;
export let startsDropped: f64 = 0;

export function reserveStarts(): void {
  ring = reserve(<usize>RING * offsetof<Start>());
  nodes = reserve(<usize>(NODES + 1) * offsetof<Node>());
  freeNodes = reserve(<usize>NODES * 4);
  buckets = reserve(<usize>MOST_BUCKETS * 4);
}

export function clearStarts(): void {
  for (; tail < head; tail++) drop(startAt(tail));
  head = tail = 0;
  freshNode = 1;
  freeCount = 0;
  bucketCount = FIRST_BUCKETS;
  startsDropped = 0;
}

/**
 * Notes a start by its keys and writes nine features of the starts before it: of the source starts, distinct ports,
 * distinct destinations and share that failed; of the destination starts and distinct sources; distinct sources of its
 * port; starts of the pair, and to its port. Its record, which is to be filled up.
 */
export function enter(
  time: f64,
  source: u64,
  destination: u64,
  sourcePort: u64,
  pair: u64,
  pairPort: u64,
  destinationPort: u64,
  row: usize
): Start {
  leave(time);
  const start = startAt(head);
  start.time = time;
  start.failed = 1;
  start.source = hold(source);
  start.destination = hold(destination);
  start.sourcePort = hold(sourcePort);
  start.pair = hold(pair);
  start.pairPort = hold(pairPort);
  start.destinationPort = hold(destinationPort);
  const from = nodeAt(start.source);
  const to = nodeAt(start.destination);
  const toPort = nodeAt(start.destinationPort);
  // What stands in the features is the past: counts before this start joins them.
  store<f32>(row, <f32>from.starts, 0);
  store<f32>(row, <f32>from.distinct, 4);
  store<f32>(row, <f32>from.hosts, 8);
  store<f32>(row, from.starts === 0 ? 0 : <f32>from.failed / <f32>from.starts, 12);
  store<f32>(row, <f32>to.starts, 16);
  store<f32>(row, <f32>to.distinct, 20);
  store<f32>(row, <f32>toPort.distinct, 24);
  store<f32>(row, <f32>nodeAt(start.pair).starts, 28);
  store<f32>(row, <f32>nodeAt(start.pairPort).starts, 32);
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
  return start;
}

/** Notes that a start is answered; its record, null where it was before or has gone to a later start. */
export function answer(number: u64): Start | null {
  if (isForgotten(number)) return null;
  const start = startAt(number);
  if (start.failed === 0) return null;
  start.failed = 0;
  if (number >= tail) nodeAt(start.source).failed--;
  return start;
}

/** True where a start's record has gone to a later one. */
// @ts-ignore: decorator
@inline
export function isForgotten(number: u64): bool {
  return number + <u64>RING < head;
}

/** Reads a key's bucket, so that it is there when it is needed. */
// @ts-ignore: decorator
@inline
export function readBucket(key: u64): u64 {
  return load<u32>(bucketOf(key));
}

/** Reads the first node in a key's bucket. */
// @ts-ignore: decorator
@inline
export function readNode(key: u64): u64 {
  return nodeAt(load<u32>(bucketOf(key))).key;
}

/** Reads the nodes of the starts that leave the window next. */
export function readLeaving(count: u32): u64 {
  let sum: u64 = 0;
  for (let number = tail; number < min(head, tail + count); number++) {
    const start = startAt(number);
    sum += nodeAt(start.source).key + nodeAt(start.destination).key + nodeAt(start.sourcePort).key;
    sum += nodeAt(start.pair).key + nodeAt(start.pairPort).key + nodeAt(start.destinationPort).key;
  }
  return sum;
}

/** Reads those nodes' buckets. */
export function readLeavingBuckets(count: u32): u64 {
  let sum: u64 = 0;
  for (let number = tail; number < min(head, tail + count); number++) {
    const start = startAt(number);
    sum += bucketOfNode(start.sourcePort) + bucketOfNode(start.pair) + bucketOfNode(start.pairPort) + bucketOfNode(start.destinationPort);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function bucketOfNode(number: u32): u32 {
  return load<u32>(bucketOf(nodeAt(number).key));
}

// @ts-ignore: decorator
@inline
function bucketOf(key: u64): usize {
  return buckets + (<usize>(<u32>key & (bucketCount - 1)) << 2);
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
  } else {
    number = freshNode++;
    // So many nodes were never held at once before.
    if (number > bucketCount && bucketCount < MOST_BUCKETS) return add(number, key, growBuckets(key));
  }
  return add(number, key, bucket);
}

/** Twice as many buckets; the key's among them. */
function growBuckets(key: u64): usize {
  const half = bucketCount;
  bucketCount = half * 2;
  for (let i: u32 = 0; i < half; i++) {
    const old = buckets + (<usize>i << 2);
    let number = load<u32>(old);
    store<u32>(old, 0);
    while (number !== 0) {
      const node = nodeAt(number);
      const following = node.following;
      const bucket = bucketOf(node.key);
      node.following = load<u32>(bucket);
      store<u32>(bucket, number);
      number = following;
    }
  }
  return bucketOf(key);
}

// @ts-ignore: decorator
@inline
function add(number: u32, key: u64, bucket: usize): u32 {
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
