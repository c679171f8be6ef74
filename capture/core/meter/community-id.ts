import {ICMP, ICMPV6, SCTP, TCP, UDP} from "./constants";
import {ADDRESS_BYTES, addresses, COLUMN_STRIDE, communities, Mark, marks, numbers} from "./output";
import {reserve} from "./memory";
import {BLOCK, LANES, sha1Blocks, sha1Word} from "./sha1";

/** Bytes of one identifier: its version, a colon, base64 of a SHA-1. */
export const COMMUNITY_BYTES = 30;
const SOURCE_PORT = 3;
const DESTINATION_PORT = 4;

/** Messages of as many rows as are hashed together. */
let messages: usize = 0;

export function reserveCommunity(): void {
  messages = reserve(BLOCK * LANES);
}

/**
 * Writes Community ID v1 (seed 0) of every finished row: SHA-1 over seed, lower address, higher
 * address, protocol, 0 and ports, the lower endpoint first, except for ICMP messages without a counterpart.
 */
export function writeCommunities(rows: i32): void {
  for (let first = 0; first < rows; first += LANES) {
    const count = min(rows - first, LANES);
    for (let lane = 0; lane < count; lane++) writeMessage(messages + <usize>lane * BLOCK, first + lane);
    sha1Blocks(messages);
    for (let lane = 0; lane < count; lane++) {
      const text = communities + <usize>(first + lane) * COMMUNITY_BYTES;
      store<u8>(text, 0x31);
      store<u8>(text, 0x3a, 1);
      writeBase64(text + 2, lane);
    }
  }
}

/** The padded block that the identifier of a row is the hash of: at most 40 bytes and the padding. */
function writeMessage(at: usize, row: i32): void {
  const mark = changetype<Mark>(marks + ((<usize>row) << 3));
  const source = addresses + <usize>row * ADDRESS_BYTES;
  const destination = source + 16;
  const sourcePort = <u32>load<f64>(numbers + <usize>(SOURCE_PORT * COLUMN_STRIDE + row) * 8);
  const destinationPort = <u32>load<f64>(numbers + <usize>(DESTINATION_PORT * COLUMN_STRIDE + row) * 8);
  const order = mark.version === 4 ? compare4(source, destination) : compare16(source, destination);
  const ordered = mark.oneWay !== 0 || order < 0 || (order === 0 && sourcePort <= destinationPort);
  const lower = ordered ? source : destination;
  const higher = ordered ? destination : source;
  for (let i: usize = 0; i < BLOCK; i += 8) store<u64>(at + i, 0);
  let length: usize;
  if (mark.version === 4) {
    store<u32>(at, load<u32>(lower), 2);
    store<u32>(at, load<u32>(higher), 6);
    length = 10;
  } else {
    store<u64>(at, load<u64>(lower), 2);
    store<u64>(at, load<u64>(lower, 8), 10);
    store<u64>(at, load<u64>(higher), 18);
    store<u64>(at, load<u64>(higher, 8), 26);
    length = 34;
  }
  store<u8>(at + length, mark.proto);
  length += 2;
  if (hasPorts(mark.proto)) {
    store<u16>(at + length, bswap<u16>(<u16>(ordered ? sourcePort : destinationPort)));
    store<u16>(at + length, bswap<u16>(<u16>(ordered ? destinationPort : sourcePort)), 2);
    length += 4;
  }
  store<u8>(at + length, 0x80);
  store<u32>(at, bswap<u32>(<u32>length * 8), 60);
}

/** Below 0, 0 or above 0 as the bytes at `one` come before, are, or come behind those at `other`. */
// @ts-ignore: decorator
@inline
function compare4(one: usize, other: usize): i32 {
  const left = bswap<u32>(load<u32>(one));
  const right = bswap<u32>(load<u32>(other));
  return left < right ? -1 : left > right ? 1 : 0;
}

function compare16(one: usize, other: usize): i32 {
  for (let i: usize = 0; i < 16; i += 8) {
    const left = bswap<u64>(load<u64>(one + i));
    const right = bswap<u64>(load<u64>(other + i));
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function hasPorts(proto: u32): bool {
  return proto === TCP || proto === UDP || proto === ICMP || proto === ICMPV6 || proto === SCTP;
}

/** Base64 (RFC 4648 §4) of the 20 bytes of a lane's digest. */
function writeBase64(at: usize, lane: i32): void {
  let bits: u64 = 0;
  let have = 0;
  let out = at;
  for (let word = 0; word < 5; word++) {
    bits = (bits << 32) | <u64>sha1Word(lane, word);
    have += 32;
    while (have >= 6) {
      have -= 6;
      store<u8>(out++, digit(<usize>(bits >> have) & 63));
    }
  }
  store<u8>(out++, digit(<usize>(bits << 2) & 63));
  store<u8>(out, 0x3d);
}

// @ts-ignore: decorator
@inline
function digit(value: usize): u8 {
  return load<u8>(DIGITS + value);
}

/** The 64 digits, `A` to `/`. */
const DIGITS: usize = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90,
  97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122,
  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 43, 47
]);
