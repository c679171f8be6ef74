import {u16At, u32At} from "../../meter/bytes";
import {ADDRESS, said, setAddressText, textLength} from "./announcement";
import {announceNetwork, beginNetworks, maskBits} from "./networks";

/** Link states that an update of OSPF carries (RFC 2328 §A.4, RFC 5340 §A.4), with the networks they announce. */

const HEADER: usize = 20;
const LARGEST_AGE: u32 = 3600;
/** Link of a router to a network that no other router is at (§A.4.2). */
const STUB: u8 = 3;

/** Reads the link states in `start .. end`; `version` of OSPF: 2 or 3. */
export function readLinkStates(start: usize, end: usize, version: u8): bool {
  if (start + 4 > end) return false;
  beginNetworks();
  const count = u32At(start);
  let at = start + 4;
  for (let i: u32 = 0; i < count && at + HEADER <= end; i++) {
    const next = at + <usize>u16At(at + 18);
    if (next < at + HEADER || next > end) return i > 0;
    if (textLength(said, ADDRESS) === 0) setAddressText(ADDRESS, at + 8, 4, true);
    // Sequences are signed: the first is the least.
    const sequence = <f64>(u32At(at + 12) ^ 0x80000000);
    if (!(said.sequence >= sequence)) said.sequence = sequence;
    if ((u16At(at) & 0x7fff) === LARGEST_AGE) said.withdrawn++;
    else if (version === 2) readState(load<u8>(at, 3), at, next);
    else readState6(u16At(at + 2), at, next);
    at = next;
  }
  return true;
}

/** One of OSPF for IPv4, by its type. */
function readState(type: u8, at: usize, end: usize): void {
  const content = at + HEADER;
  if (content + 4 > end) return;
  if (type === 1) readLinks(content, end);
  else if (type === 2 || type === 3 || type === 5 || type === 7) announceNetwork(at + 4, 4, 4, maskBits(u32At(content)));
}

/** Flags, number; of each link id, data, type, number of further metrics, metric, and those. */
function readLinks(start: usize, end: usize): void {
  let left = u16At(start + 2);
  let at = start + 4;
  while (left-- > 0 && at + 12 <= end) {
    if (load<u8>(at, 8) === STUB) announceNetwork(at, 4, 4, maskBits(u32At(at + 4)));
    at += 12 + 4 * <usize>load<u8>(at, 9);
  }
}

/** One of OSPF for IPv6: prefixes of areas, of other protocols, of links and of routers. */
function readState6(type: u32, at: usize, end: usize): void {
  const content = at + HEADER;
  if (type === 0x2003 || type === 0x4005 || type === 0x2007) readPrefix(content + 4, end);
  else if (type === 0x0008 && content + 24 <= end) readPrefixes(content + 24, end, u32At(content + 20));
  else if (type === 0x2009 && content + 12 <= end) readPrefixes(content + 12, end, u16At(content));
}

function readPrefixes(start: usize, end: usize, count: u32): void {
  let at = start;
  for (let i: u32 = 0; i < count && at !== 0; i++) at = readPrefix(at, end);
}

/** Bits, options, two bytes, and as many words as the bits need; returns where it ends, 0 where it does not fit. */
function readPrefix(at: usize, end: usize): usize {
  if (at + 4 > end) return 0;
  const bits = <u32>load<u8>(at);
  const bytes = <usize>((bits + 31) >> 5) << 2;
  if (at + 4 + bytes > end || !announceNetwork(at + 4, bytes, 6, bits)) return 0;
  return at + 4 + bytes;
}
