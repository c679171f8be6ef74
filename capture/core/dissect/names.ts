import {addresses, ADDRESS_BYTES, Mark, marks, numbers} from "../meter/output";
import {captureSeed} from "../meter/settings";
import {Dictionary, intern} from "./dictionary";
import {allocate, dropText, keepText, moved, release} from "./heap";
import {isSame} from "./text";

/**
 * Names by what DNS answered before: whoever had a name looked up and then connects to an address of the answer meant
 * that name (Zeek's and ntopng's `dns` names of hosts). Bounded: the pair of client and address seen longest ago is
 * forgotten, and counted.
 */

/** Programs keep an address longer than its TTL says, and connections are made of it again; µs. */
const LEAST_LIFE: f64 = 3600e6;
/** No record may be believed for longer; µs. */
const MOST_LIFE: f64 = 86_400e6;
/** A pair that is answered again moves behind the others after this long only, as moving costs more than all else; µs. */
const REST: f64 = 60e6;
/** Earlier names of a pair that are kept: flows are told of when they end, and began when another name held. */
const MAX_EARLIER: u8 = 16;
/** Pairs that there is room for at first. */
const FIRST_PAIRS: u32 = 256;
const NONE: i32 = -1;

@unmanaged
class Pair {
  clientA: u64 = 0;
  clientB: u64 = 0;
  addressA: u64 = 0;
  addressB: u64 = 0;
  /** When the last answer came, until when it is believed, and when the pair was put where it is in the order of answers. */
  from: f64 = 0;
  until: f64 = 0;
  placed: f64 = 0;
  hash: u32 = 0;
  name: u32 = 0;
  /** The answer before with another name. */
  earlier: u32 = 0;
  /** The next pair of the same bucket, and those answered before and after this one. */
  next: i32 = 0;
  older: i32 = 0;
  newer: i32 = 0;
  earlierCount: u8 = 0;
  clientVersion: u8 = 0;
  addressVersion: u8 = 0;
  reserved: u8 = 0;
  reserved2: u32 = 0;
}

/** An answer before the last one of its pair. */
@unmanaged
class Answer {
  from: f64 = 0;
  until: f64 = 0;
  name: u32 = 0;
  earlier: u32 = 0;
}

let limit: i32 = 0;
let count: i32 = 0;
let room: i32 = 0;
let pairs: usize = 0;
let buckets: usize = 0;
let oldest: i32 = NONE;
let newest: i32 = NONE;
let forgotten: f64 = 0;

/** `most`: pairs of client and address remembered at most. */
export function openNames(most: i32): void {
  limit = most;
  count = room = 0;
  pairs = buckets = 0;
  oldest = newest = NONE;
  forgotten = 0;
}

export function forgottenNames(): f64 {
  return forgotten;
}

// @ts-ignore: decorator
@inline
function pairAt(pair: i32): Pair {
  return changetype<Pair>(pairs + <usize>pair * offsetof<Pair>());
}

/** What an address is known by: both halves of its bytes (of IPv4 four bytes only) and its version. */
let clientA: u64 = 0;
let clientB: u64 = 0;
let clientVersion: u8 = 0;
let addressA: u64 = 0;
let addressB: u64 = 0;
let addressVersion: u8 = 0;
let hash: u32 = 0;

// @ts-ignore: decorator
@inline
function setClient(at: usize, version: u8): void {
  clientVersion = version;
  clientA = version === 4 ? <u64>load<u32>(at) : load<u64>(at);
  clientB = version === 4 ? 0 : load<u64>(at, 8);
}

// @ts-ignore: decorator
@inline
function setAddress(at: usize, version: u8): void {
  addressVersion = version;
  addressA = version === 4 ? <u64>load<u32>(at) : load<u64>(at);
  addressB = version === 4 ? 0 : load<u64>(at, 8);
}

/** The pair of client and address as they are set, of which `hash` then is the hash; NONE without. */
function findPair(): i32 {
  let h = (captureSeed ^ clientA ^ (clientB * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
  h ^= h >> 32;
  h = (h ^ addressA ^ (addressB * 0x9e3779b97f4a7c15)) * 0xc4ceb9fe1a85ec53;
  hash = <u32>(h ^ (h >> 32));
  if (room === 0) return NONE;
  let pair = load<i32>(buckets + (<usize>(hash & (<u32>room * 2 - 1)) << 2));
  while (pair !== NONE) {
    const own = pairAt(pair);
    if (
      own.hash === hash &&
      own.clientA === clientA &&
      own.addressA === addressA &&
      own.clientB === clientB &&
      own.addressB === addressB &&
      own.clientVersion === clientVersion &&
      own.addressVersion === addressVersion
    )
      break;
    pair = own.next;
  }
  return pair;
}

/** An answer of `ts` (µs since 1970) gave this address for a name that `client` asked for. */
export function noteName(client: usize, version: i32, address: usize, addressVersion: i32, at: usize, length: u32, ts: f64, ttlSeconds: u32): void {
  const until = ts + min(max(<f64>ttlSeconds * 1e6, LEAST_LIFE), MOST_LIFE);
  setClient(client, <u8>version);
  setAddress(address, <u8>addressVersion);
  const pair = findPair();
  if (pair === NONE) add(at, length, ts, until);
  else answerAgain(pair, at, length, ts, until);
}

/** Adds the pair that was just looked for and not found. */
function add(at: usize, length: u32, from: f64, until: f64): void {
  const name = keepText(at, length);
  if (name === 0) return;
  if (count === room && count < limit && !grow()) limit = count;
  if (limit === 0) return dropText(name);
  const pair = count < limit ? count++ : forgetOldest();
  const own = pairAt(pair);
  own.clientA = clientA;
  own.clientB = clientB;
  own.addressA = addressA;
  own.addressB = addressB;
  own.clientVersion = clientVersion;
  own.addressVersion = addressVersion;
  own.hash = hash;
  own.name = <u32>name;
  own.from = from;
  own.until = until;
  own.earlier = 0;
  own.earlierCount = 0;
  intoBucket(pair);
  placeLast(pair, from);
}

function answerAgain(pair: i32, at: usize, length: u32, ts: f64, until: f64): void {
  const own = pairAt(pair);
  if (ts - own.placed > REST) {
    takeOut(pair);
    placeLast(pair, ts);
  }
  const isSameName = load<u32>(<usize>own.name) === length && isSame(<usize>own.name + 4, at, length);
  if (isSameName && ts <= own.until) {
    if (until > own.until) own.until = until;
    return;
  }
  const name = keepText(at, length);
  const block = allocate(offsetof<Answer>());
  if (name === 0 || block === 0) {
    dropText(name);
    if (block !== 0) release(block, offsetof<Answer>());
    return;
  }
  if (own.earlierCount === MAX_EARLIER) dropEarliest(own);
  const answer = changetype<Answer>(block);
  answer.from = own.from;
  answer.until = own.until;
  answer.name = own.name;
  answer.earlier = own.earlier;
  own.earlier = <u32>block;
  own.earlierCount++;
  own.name = <u32>name;
  own.from = ts;
  own.until = until;
}

/** Forgets the first of the earlier answers; there is one. */
function dropEarliest(own: Pair): void {
  let link = changetype<usize>(own) + offsetof<Pair>("earlier");
  while (changetype<Answer>(<usize>load<u32>(link)).earlier !== 0) link = <usize>load<u32>(link) + offsetof<Answer>("earlier");
  dropAnswer(<usize>load<u32>(link));
  store<u32>(link, 0);
  own.earlierCount--;
}

function dropAnswer(block: usize): void {
  dropText(<usize>changetype<Answer>(block).name);
  release(block, offsetof<Answer>());
}

/** The name that was answered last by then, as a kept text; 0 without. */
function nameAt(own: Pair, ts: f64): usize {
  if (own.from <= ts) return ts <= own.until ? <usize>own.name : 0;
  let block = <usize>own.earlier;
  while (block !== 0) {
    const answer = changetype<Answer>(block);
    if (answer.from <= ts) return ts <= answer.until ? <usize>answer.name : 0;
    block = <usize>answer.earlier;
  }
  return 0;
}

/** `flows.dns_name` of the finished flows in the output, as codes: by originator, responder and time of the first packet. */
export function lookUpNames(rows: i32, codes: usize, dictionary: Dictionary): void {
  if (count === 0) return memory.fill(codes, 0xff, <usize>rows << 2);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const version = changetype<Mark>(marks + row * offsetof<Mark>()).version;
    const at = addresses + row * ADDRESS_BYTES;
    setClient(at, version);
    setAddress(at + 16, version);
    const pair = findPair();
    const name: usize = pair === NONE ? 0 : nameAt(pairAt(pair), load<f64>(numbers + (row << 3)));
    store<i32>(codes + (row << 2), name === 0 ? -1 : intern(dictionary, name + 4, load<u32>(name)));
  }
}

/** Frees the place of the pair answered longest ago. */
function forgetOldest(): i32 {
  const pair = oldest;
  const own = pairAt(pair);
  takeOut(pair);
  let link = bucketOf(own.hash);
  while (load<i32>(link) !== pair) link = changetype<usize>(pairAt(load<i32>(link))) + offsetof<Pair>("next");
  store<i32>(link, own.next);
  dropText(<usize>own.name);
  while (own.earlier !== 0) {
    const block = <usize>own.earlier;
    own.earlier = changetype<Answer>(block).earlier;
    dropAnswer(block);
  }
  forgotten++;
  return pair;
}

// @ts-ignore: decorator
@inline
function bucketOf(hash: u32): usize {
  return buckets + (<usize>(hash & (<u32>room * 2 - 1)) << 2);
}

function intoBucket(pair: i32): void {
  const own = pairAt(pair);
  const bucket = bucketOf(own.hash);
  own.next = load<i32>(bucket);
  store<i32>(bucket, pair);
}

function placeLast(pair: i32, ts: f64): void {
  const own = pairAt(pair);
  own.placed = ts;
  own.older = newest;
  own.newer = NONE;
  if (newest === NONE) oldest = pair;
  else pairAt(newest).newer = pair;
  newest = pair;
}

function takeOut(pair: i32): void {
  const own = pairAt(pair);
  if (own.older === NONE) oldest = own.newer;
  else pairAt(own.older).newer = own.newer;
  if (own.newer === NONE) newest = own.older;
  else pairAt(own.newer).older = own.older;
}

/** Twice the room; the pairs that are there keep their places. False where memory is out. */
function grow(): bool {
  const larger = room === 0 ? <i32>FIRST_PAIRS : room * 2;
  const fresh = allocate(<usize>larger << 3);
  if (fresh === 0) return false;
  const block = moved(pairs, <usize>room * offsetof<Pair>(), <usize>count * offsetof<Pair>(), <usize>larger * offsetof<Pair>());
  if (block === 0) {
    release(fresh, <usize>larger << 3);
    return false;
  }
  if (buckets !== 0) release(buckets, <usize>room << 3);
  pairs = block;
  buckets = fresh;
  room = larger;
  memory.fill(buckets, 0xff, <usize>room << 3);
  for (let pair = 0; pair < count; pair++) intoBucket(pair);
  return true;
}
