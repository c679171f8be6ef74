import {TCP} from "./constants";
import {mix} from "./hash";
import {besideOf, clearSets, isPlaceOf, placeOf, readSet, reserveSets, Sets, SETS_BYTES, takePlace, WAYS} from "./lru-sets";
import {reserve} from "./memory";

/**
 * The last fifteen flows that a host started, and that were started to it, however long ago: with whom, to which ports,
 * and which of them failed. What is too slow for a window of seconds shows here.
 */

const HOST_SETS: u32 = 1 << 14;
const LAST: u32 = 15;
const ALL: u32 = (1 << LAST) - 1;
/** Of a host the other hosts and the ports (16 bits tell them apart), each as a ring, and its flows so far: a cache line. */
const PEERS: usize = 0;
const PORTS: usize = <usize>LAST * 2;
const FLOWS: usize = PORTS + <usize>LAST * 2;
const HOST_BYTES: usize = 64;
/** Not the capture's: what is told apart must not depend on it. */
const PEER_SEED: u64 = 0x9e3779b97f4a7c15;

/** What of the fifteen is asked for. */
@unmanaged
class Host {
  /** A bit for each that failed so far. */
  failed: u16 = 0;
  distinctPeers: u8 = 0;
  distinctPorts: u8 = 0;
}

const sets = changetype<Sets>(memory.data(<i32>SETS_BYTES, 8));
let rings: usize = 0;

export function reserveLastFlows(): void {
  reserveSets(sets, HOST_SETS);
  rings = reserve(<usize>(HOST_SETS * WAYS) * HOST_BYTES);
}

export function clearLastFlows(): void {
  clearSets(sets);
}

/** Hosts that gave way to others. */
export function hostsEvicted(): f64 {
  return sets.evicted;
}

// @ts-ignore: decorator
@inline
export function readHostSet(key: u64): u64 {
  return readSet(sets, key);
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u32 = 0;

/** Place of a host as it is now; its rings are read, so that they are there when they are needed. */
// @ts-ignore: decorator
@inline
export function readHost(key: u64): u32 {
  const place = placeOf(sets, key);
  ahead = load<u32>(ringsOf(place));
  return place;
}

/** A source's place, and the flow's number there, which `noteFlowFrom` said last. */
export let lastPlace: u32 = 0;
export let lastNumber: u32 = 0;

/**
 * Notes that the source starts a flow and writes three features of the flows it started before: distinct ports, distinct
 * destinations, share that failed. `source` is its key, `likely` its place as it was a moment ago; `destination` is what
 * tells it from others (`peerOf`), `port` has its protocol above it.
 */
export function noteFlowFrom(source: u64, likely: u32, destination: u16, port: u32, row: usize): void {
  const place = take(source, likely);
  const host = hostAt(place);
  const flows = load<u32>(ringsOf(place), FLOWS);
  const count = min(flows, LAST);
  store<f32>(row, <f32>host.distinctPorts);
  store<f32>(row, <f32>host.distinctPeers, 4);
  store<f32>(row, count === 0 ? 0 : <f32>popcnt<u32>(host.failed) / <f32>count, 8);
  lastPlace = place;
  lastNumber = flows;
  host.failed |= <u16>(<u32>1 << (flows % LAST));
  add(host, place, flows, destination, portTag(port));
}

/** Notes that a flow of the source is answered, if it is among its last ones still. */
export function noteAnswerTo(source: u64, place: u32, number: u32): void {
  if (!isPlaceOf(sets, source, place)) return;
  if (load<u32>(ringsOf(place), FLOWS) - number <= LAST) hostAt(place).failed &= <u16>~(<u32>1 << (number % LAST));
}

/** As `noteFlowFrom` for the destination: distinct sources, share to the same port. */
export function noteFlowTo(destination: u64, likely: u32, source: u16, port: u32, row: usize): void {
  const place = take(destination, likely);
  const host = hostAt(place);
  const flows = load<u32>(ringsOf(place), FLOWS);
  const count = min(flows, LAST);
  const same = popcnt<u32>(matches(ringsOf(place) + PORTS, portTag(port)) & validOf(flows));
  store<f32>(row, <f32>host.distinctPeers);
  store<f32>(row, count === 0 ? 0 : <f32>same / <f32>count, 4);
  add(host, place, flows, source, portTag(port));
}

// @ts-ignore: decorator
@inline
function hostAt(place: u32): Host {
  return changetype<Host>(besideOf(sets, place));
}

// @ts-ignore: decorator
@inline
function ringsOf(place: u32): usize {
  return rings + <usize>place * HOST_BYTES;
}

/** What tells a host from others, whatever the capture: 16 bits. Of fifteen hosts two look the same once in 600 times. */
// @ts-ignore: decorator
@inline
export function peerOf(a: u64, b: u64): u16 {
  return <u16>(mix(mix(PEER_SEED, a), b) >> 48);
}

/** A port of TCP as it is; those of other protocols elsewhere. */
// @ts-ignore: decorator
@inline
function portTag(port: u32): u16 {
  const proto = port >> 16;
  return proto === TCP ? <u16>port : <u16>(port ^ (proto * 0x9e35));
}

/** The key's place, empty where it was another's. */
// @ts-ignore: decorator
@inline
function take(key: u64, likely: u32): u32 {
  const isKnown = isPlaceOf(sets, key, likely);
  const place = isKnown ? likely : placeOf(sets, key);
  if (!isKnown && !isPlaceOf(sets, key, place)) store<u32>(ringsOf(place), 0, FLOWS);
  takePlace(sets, key, place);
  return place;
}

/** A bit for each of the fifteen that is there. */
// @ts-ignore: decorator
@inline
function validOf(flows: u32): u32 {
  return flows >= LAST ? ALL : (<u32>1 << flows) - 1;
}

// @ts-ignore: decorator
@inline
function add(host: Host, place: u32, flows: u32, peer: u16, port: u16): void {
  const number = flows % LAST;
  host.distinctPeers += <u8>replace(ringsOf(place) + PEERS, number, peer, flows);
  host.distinctPorts += <u8>replace(ringsOf(place) + PORTS, number, port, flows);
  store<u32>(ringsOf(place), flows + 1, FLOWS);
}

/** Puts a value in the place of the oldest; by how many the distinct ones grow. */
// @ts-ignore: decorator
@inline
function replace(ring: usize, number: u32, value: u16, flows: u32): i32 {
  const others = validOf(flows) & ~(<u32>1 << number);
  const at = ring + (<usize>number << 1);
  const lost = flows >= LAST && (matches(ring, load<u16>(at)) & others) === 0;
  const gained = (matches(ring, value) & others) === 0;
  store<u16>(at, value);
  return <i32>gained - <i32>lost;
}

/** A bit for each of the fifteen values that is this one; the sixteenth says nothing. */
// @ts-ignore: decorator
@inline
function matches(ring: usize, value: u16): u32 {
  const wanted = i16x8.splat(<i16>value);
  const low = i16x8.eq(v128.load(ring), wanted);
  const high = i16x8.eq(v128.load(ring, 16), wanted);
  return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}
