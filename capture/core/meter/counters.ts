import {ARP, LINK_FRAME, MALFORMED, NON_IP, UNREAD} from "./constants";
import {reserve} from "./memory";

/** Counters as the host reads them, then link types not read with their packets. */
const COUNTERS = 16;
export const LINKS = 64;

export const PACKETS = 0;
export const WIRE_BYTES = 1;
export const CAPTURED_BYTES = 2;
export const CUT_PACKETS = 3;
export const NON_IP_PACKETS = 4;
export const ARP_PACKETS = 5;
export const MALFORMED_PACKETS = 6;
export const FLOWS = 7;
export const EVICTED = 8;
export const FIRST_TIME = 9;
export const LAST_TIME = 10;
export const LINK_COUNT = 11;
export const CORRUPT_PACKETS = 12;
export const DUPLICATE_PACKETS = 13;

let counters: usize = 0;
let links: usize = 0;

export function reserveCounters(): void {
  counters = reserve(COUNTERS * 8);
  links = reserve(LINKS * 16);
  clearCounters();
}

/** Begins to count anew. */
export function clearCounters(): void {
  memory.fill(counters, 0, COUNTERS * 8);
  memory.fill(links, 0, LINKS * 16);
  store<f64>(counters + FIRST_TIME * 8, NaN);
  store<f64>(counters + LAST_TIME * 8, NaN);
}

export function countersAddress(): usize {
  return counters;
}

export function linksAddress(): usize {
  return links;
}

// @ts-ignore: decorator
@inline
export function add(counter: i32, value: f64): void {
  const at = counters + ((<usize>counter) << 3);
  store<f64>(at, load<f64>(at) + value);
}

// @ts-ignore: decorator
@inline
export function countPacket(captured: u32, wire: u32, time: f64): void {
  add(PACKETS, 1);
  add(WIRE_BYTES, <f64>wire);
  add(CAPTURED_BYTES, <f64>captured);
  if (captured < wire) add(CUT_PACKETS, 1);
  const first = counters + FIRST_TIME * 8;
  if (!(load<f64>(first) <= time)) store<f64>(first, time);
  if (!(load<f64>(first, 8) >= time)) store<f64>(first, time, 8);
}

/** Counts a frame that made no flow. */
export function countOther(outcome: i32, link: i32): void {
  if (outcome === MALFORMED) add(MALFORMED_PACKETS, 1);
  else if (outcome === UNREAD) countLink(link);
  else if (outcome === NON_IP || outcome === ARP || outcome === LINK_FRAME) {
    add(NON_IP_PACKETS, 1);
    if (outcome === ARP) add(ARP_PACKETS, 1);
  }
}

/** Counts a link type that is not read; types beyond the first 63 share the number -1. */
function countLink(link: i32): void {
  const used = <i32>load<f64>(counters + LINK_COUNT * 8);
  for (let i = 0; i < used; i++) {
    const at = links + ((<usize>i) << 4);
    if (<i32>load<f64>(at) !== link && !(i === LINKS - 1)) continue;
    store<f64>(at, load<f64>(at, 8) + 1, 8);
    return;
  }
  const at = links + ((<usize>used) << 4);
  store<f64>(at, used === LINKS - 1 ? -1 : <f64>link);
  store<f64>(at, 1, 8);
  add(LINK_COUNT, 1);
}
