import {ICMP, ICMPV6, SCTP, TCP, UDP} from "./constants";
import {ADDRESS_BYTES, addresses, COLUMN_STRIDE, communities, Mark, marks, numbers} from "./output";
import {reserve} from "./memory";
import {beginSha1, sha1Block, sha1Word} from "./sha1";

/** Bytes of one identifier: its version, a colon, base64 of a SHA-1. */
export const COMMUNITY_BYTES = 30;
const SOURCE_PORT = 3;
const DESTINATION_PORT = 4;

let message: usize = 0;

export function reserveCommunity(): void {
  message = reserve(64);
}

/**
 * Writes Community ID v1 (seed 0) of every finished row: SHA-1 over seed, lower address, higher
 * address, protocol, 0 and ports, the lower endpoint first, except for ICMP messages without a counterpart.
 */
export function writeCommunities(rows: i32): void {
  for (let row = 0; row < rows; row++) writeCommunity(row);
}

function writeCommunity(row: i32): void {
  const mark = changetype<Mark>(marks + ((<usize>row) << 3));
  const source = addresses + <usize>row * ADDRESS_BYTES;
  const destination = source + 16;
  const bytes: usize = mark.version === 4 ? 4 : 16;
  const sourcePort = <u32>load<f64>(numbers + <usize>(SOURCE_PORT * COLUMN_STRIDE + row) * 8);
  const destinationPort = <u32>load<f64>(numbers + <usize>(DESTINATION_PORT * COLUMN_STRIDE + row) * 8);
  const order = memory.compare(source, destination, bytes);
  const ordered = mark.oneWay !== 0 || order < 0 || (order === 0 && sourcePort <= destinationPort);
  memory.fill(message, 0, 64);
  memory.copy(message + 2, ordered ? source : destination, bytes);
  memory.copy(message + 2 + bytes, ordered ? destination : source, bytes);
  let length: usize = 2 + 2 * bytes;
  store<u8>(message + length, mark.proto);
  length += 2;
  if (hasPorts(mark.proto)) {
    store<u16>(message + length, bswap<u16>(<u16>(ordered ? sourcePort : destinationPort)));
    store<u16>(message + length, bswap<u16>(<u16>(ordered ? destinationPort : sourcePort)), 2);
    length += 4;
  }
  // At most 40 bytes: one block with its padding.
  store<u8>(message + length, 0x80);
  store<u32>(message, bswap<u32>(<u32>length * 8), 60);
  beginSha1();
  sha1Block(message);
  const text = communities + <usize>row * COMMUNITY_BYTES;
  store<u8>(text, 0x31);
  store<u8>(text, 0x3a, 1);
  writeBase64(text + 2);
}

// @ts-ignore: decorator
@inline
function hasPorts(proto: u32): bool {
  return proto === TCP || proto === UDP || proto === ICMP || proto === ICMPV6 || proto === SCTP;
}

/** Base64 (RFC 4648 §4) of the 20 bytes of the digest. */
function writeBase64(at: usize): void {
  let bits: u64 = 0;
  let have = 0;
  let out = at;
  for (let word = 0; word < 5; word++) {
    bits = (bits << 32) | <u64>sha1Word(word);
    have += 32;
    while (have >= 6) {
      have -= 6;
      store<u8>(out++, digit(<u32>(bits >> have) & 63));
    }
  }
  store<u8>(out++, digit(<u32>(bits << 2) & 63));
  store<u8>(out, 0x3d);
}

// @ts-ignore: decorator
@inline
function digit(value: u32): u8 {
  if (value < 26) return <u8>(65 + value);
  if (value < 52) return <u8>(71 + value);
  if (value < 62) return <u8>(value - 4);
  return value === 62 ? 43 : 47;
}
