import {TCP} from "./constants";
import {clearSets, Entry, find, readSet, reserveSets, restOf, Sets, SETS_BYTES, take} from "./lru-sets";

/**
 * The last fifteen flows that a host started, and that were started to it, however long ago: with whom, to which ports,
 * and which of them failed. What is too slow for a window of seconds shows here.
 */

const HOST_SETS: u32 = 1 << 14;
const LAST: u32 = 15;
const ALL: u32 = (1 << LAST) - 1;
/** Beside a host's entry, in one cache line: the other hosts and the ports (16 bits tell them apart), each as a ring. */
const PORTS: usize = 32;

/** What of the fifteen is asked for. */
@unmanaged
class Host extends Entry {
  /** A bit for each that failed so far. */
  failed: u16 = 0;
  /** Its flows so far. */
  flows: u32 = 0;
  distinctPeers: u8 = 0;
  distinctPorts: u8 = 0;
}

const sets = changetype<Sets>(memory.data(<i32>SETS_BYTES, 8));

export function reserveLastFlows(): void {
  reserveSets(sets, HOST_SETS);
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

/** Reads a host's rings if it has any, so that they are there when they are needed. */
// @ts-ignore: decorator
@inline
export function readHost(key: u64): u64 {
  const entry = find(sets, key);
  return entry === null ? 0 : load<u64>(ringsOf(key, changetype<Host>(entry)));
}

/** The flow's number among its source's, which `noteFlowFrom` said last. */
export let lastNumber: u32 = 0;

/**
 * Notes that the source starts a flow and writes three features of the flows it started before: distinct ports, distinct
 * destinations, share that failed. `destination` is what tells it from others (`peerOf`), `port` has its protocol above it.
 */
export function noteFlowFrom(source: u64, destination: u16, port: u32, row: usize): void {
  const host = changetype<Host>(take(sets, source));
  const flows = host.flows;
  const count = min(flows, LAST);
  store<f32>(row, <f32>host.distinctPorts);
  store<f32>(row, <f32>host.distinctPeers, 4);
  store<f32>(row, count === 0 ? 0 : <f32>popcnt<u32>(host.failed) / <f32>count, 8);
  lastNumber = flows;
  host.failed |= <u16>(<u32>1 << (flows % LAST));
  add(host, ringsOf(source, host), destination, portTag(port));
}

/** Notes that a flow of the source is answered, if it is among its last ones still. */
export function noteAnswerTo(source: u64, number: u32): void {
  const entry = find(sets, source);
  if (entry === null) return;
  const host = changetype<Host>(entry);
  if (host.flows - number <= LAST) host.failed &= <u16>~(<u32>1 << (number % LAST));
}

/** As `noteFlowFrom` for the destination: distinct sources, share to the same port. */
export function noteFlowTo(destination: u64, source: u16, port: u32, row: usize): void {
  const host = changetype<Host>(take(sets, destination));
  const rings = ringsOf(destination, host);
  const count = min(host.flows, LAST);
  const same = popcnt<u32>(matches(rings + PORTS, portTag(port)) & validOf(host.flows));
  store<f32>(row, <f32>host.distinctPeers);
  store<f32>(row, count === 0 ? 0 : <f32>same / <f32>count, 4);
  add(host, rings, source, portTag(port));
}

// @ts-ignore: decorator
@inline
function ringsOf(key: u64, host: Host): usize {
  return restOf(sets, key, host);
}

/** What tells a host from others, whatever the capture: 16 bits. Of fifteen hosts two look the same once in 600 times. */
// @ts-ignore: decorator
@inline
export function peerOf(a: u64, b: u64): u16 {
  return <u16>(((a ^ (b * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd) >> 48);
}

/** A port of TCP as it is; those of other protocols elsewhere. */
// @ts-ignore: decorator
@inline
function portTag(port: u32): u16 {
  const proto = port >> 16;
  return proto === TCP ? <u16>port : <u16>(port ^ (proto * 0x9e35));
}

/** A bit for each of the fifteen that is there. */
// @ts-ignore: decorator
@inline
function validOf(flows: u32): u32 {
  return flows >= LAST ? ALL : (<u32>1 << flows) - 1;
}

// @ts-ignore: decorator
@inline
function add(host: Host, rings: usize, peer: u16, port: u16): void {
  const number = host.flows % LAST;
  host.distinctPeers += <u8>replace(rings, number, peer, host.flows);
  host.distinctPorts += <u8>replace(rings + PORTS, number, port, host.flows);
  host.flows++;
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
