import {u16At} from "../../meter/bytes";

/** How many prefixes an update of BGP announces and withdraws (RFC 4271 §4.3, RFC 4760). */

const REACH: u8 = 14;
const UNREACH: u8 = 15;
/** A path attribute's length has two bytes. */
const EXTENDED: u8 = 0x10;
const UNICAST: u8 = 1;
const MULTICAST: u8 = 2;

export let prefixesFound: f64 = 0;
export let withdrawnFound: f64 = 0;

/** Counts those of an update; false where its lengths do not fit. */
export function countPrefixes(start: usize, end: usize): bool {
  prefixesFound = withdrawnFound = 0;
  if (start + 4 > end) return false;
  const attributes = start + 2 + u16At(start);
  if (attributes + 2 > end) return false;
  const routes = attributes + 2 + u16At(attributes);
  if (routes > end) return false;
  withdrawnFound += countIn(start + 2, attributes, 32);
  prefixesFound += countIn(routes, end, 32);
  countAttributes(attributes + 2, routes);
  return true;
}

/** Flags, type, length; those of other address families have prefixes of their own. */
function countAttributes(at: usize, end: usize): void {
  while (at + 3 <= end) {
    const isLong = (load<u8>(at) & EXTENDED) !== 0;
    const type = load<u8>(at, 1);
    const content = at + (isLong ? 4 : 3);
    if (content > end) return;
    const next = content + (isLong ? u16At(at + 2) : <u32>load<u8>(at, 2));
    if (next > end) return;
    if (type === REACH && content + 5 <= next) prefixesFound += countFamily(content, content + 5 + <usize>load<u8>(content, 3), next);
    if (type === UNREACH && content + 3 <= next) withdrawnFound += countFamily(content, content + 3, next);
    at = next;
  }
}

/** Unicast and multicast prefixes of IP; those of other families (labels, VPNs) have another form. */
function countFamily(family: usize, at: usize, end: usize): f64 {
  const number = u16At(family);
  const sub = load<u8>(family, 2);
  if ((sub !== UNICAST && sub !== MULTICAST) || (number !== 1 && number !== 2)) return 0;
  return countIn(at, end, number === 1 ? 32 : 128);
}

/** Prefixes behind one another: bits, and as many bytes as these need. */
function countIn(at: usize, end: usize, most: u32): f64 {
  let found: f64 = 0;
  while (at < end) {
    const bits = <u32>load<u8>(at);
    at += 1 + ((bits + 7) >> 3);
    if (bits > most || at > end) return found;
    found++;
  }
  return found;
}
