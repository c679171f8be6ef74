import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countMalformed} from "../streams/held";
import {Reading} from "../streams/reading";
import {tellHello} from "../parsers/tls/hello-row";
import {closeCrypto, CRYPTO_STREAM, CryptoStream, message, openCrypto, takeFrames} from "../parsers/quic/quic-crypto";
import {frames, INITIAL_KEYS, INITIAL_PACKET, initialKeys, longPacket, NO_PACKET, openInitial, packet, quicVersion} from "../parsers/quic/quic-initial";

/**
 * QUIC by the version in its long header (RFC 9000 §17.2, RFC 9369, drafts), and Google's before it. The ClientHello in
 * the client's Initial packets is read; what the server chooses is not.
 */

/** Datagrams of a connection in which its ClientHello is looked for. */
const MAX_PAYLOADS: u8 = 48;
/** Initial packets whose keys are not known: the server's, and those of clients met in the middle. */
const MAX_FAILURES: u8 = 4;
const CLIENT_HELLO: u8 = 1;
/** `q`: what carried the hello, in its fingerprint. */
const CARRIER: u8 = 0x71;

/** A flow under way; behind it its `CryptoStream` and the client's keys. */
@unmanaged
class Parser {
  /** When the first packet came that could be opened. */
  ts: f64 = 0;
  version: u32 = 0;
  /** Whether keys are known, and who the client is: 1 or 2 by the direction, 0 before one of its packets was opened. */
  hasKeys: u8 = 0;
  client: u8 = 0;
  payloads: u8 = 0;
  failures: u8 = 0;
}

const CRYPTO: usize = offsetof<Parser>();
const KEYS: usize = CRYPTO + CRYPTO_STREAM;
const PARSER: usize = KEYS + INITIAL_KEYS;

/** Keys of a packet whose own are not known yet. */
const tried = memory.data(48);

/** Long headers, and Google's public header with a version. */
export function beginsQuic(byte: u8): bool {
  return byte >= 0x80 || (byte & 0x89) === 0x09;
}

/** Whether the datagram begins a connection. */
export function recogniseQuic(_event: Event, start: usize, end: usize): bool {
  if (start + 21 > end) return false;
  const first = load<u8>(start);
  // Public header with version and an 8-byte connection id.
  if (first < 0x80) return (first & 0x89) === 0x09 && isGoogle(u32At(start + 9));
  const version = u32At(start + 1);
  if (isGoogle(version)) return true;
  const isKnown =
    version === 1 ||
    version === 0x6b3343cf ||
    version >> 8 === 0xff0000 ||
    version >> 12 === 0xfaceb ||
    // Asks for version negotiation (RFC 9000 §15); the client pads it like any first packet.
    ((version & 0x0f0f0f0f) === 0x0a0a0a0a && start + 1200 <= end);
  return isKnown && load<u8>(start, 5) <= 20;
}

/** `Q043`, `Q050`, `T051` … */
function isGoogle(version: u32): bool {
  const letter = version >> 24;
  return (letter === 0x51 || letter === 0x54) && (version & 0x00f0f000) === 0x00303000;
}

/** State of a new flow; 0 where memory is out. */
export function beginQuic(): usize {
  const state = allocate(PARSER);
  if (state === 0) return 0;
  memory.fill(state, 0, CRYPTO);
  openCrypto(changetype<CryptoStream>(state + CRYPTO));
  return state;
}

/** Takes a datagram; false: no more wanted. */
export function takeQuic(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const parser = changetype<Parser>(state);
  // Google's older versions have another handshake.
  if (parser.payloads === 0 && (load<u8>(start) < 0x80 || (isGoogle(u32At(start + 1)) && quicVersion(u32At(start + 1)) === 0))) return false;
  if (++parser.payloads >= MAX_PAYLOADS) return false;
  const side = <u8>(event.direction + 1);
  if (parser.client !== 0 && parser.client !== side) return true;
  const isOver = read(parser, reading, event, start, end);
  if (parser.hasKeys !== 0 && parser.client === 0) parser.client = side;
  return !isOver;
}

/** The flow has ended, or nothing more is wanted: all is let go of. */
export function endQuic(state: usize, _reading: Reading, _event: Event): void {
  closeCrypto(changetype<CryptoStream>(state + CRYPTO));
  release(state, PARSER);
}

/** Reads the packets of a datagram; true once nothing more is looked for. */
function read(parser: Parser, reading: Reading, event: Event, start: usize, end: usize): bool {
  for (let at = start; at < end; ) {
    const kind = longPacket(at, end);
    if (kind === NO_PACKET) return false;
    at = packet.next;
    if (kind !== INITIAL_PACKET) continue;
    const length = open(parser);
    if (length < 0) {
      if (++parser.failures >= MAX_FAILURES) return true;
      continue;
    }
    if (parser.ts === 0) parser.ts = event.time;
    const size = takeFrames(changetype<CryptoStream>(changetype<usize>(parser) + CRYPTO), frames, length);
    if (size < 0) return true;
    if (size === 0) continue;
    if (load<u8>(message) !== CLIENT_HELLO || !tellHello(message + 4, message + size, CARRIER, parser.ts, reading, event)) countMalformed();
    return true;
  }
  return false;
}

/** Opens the packet under way; length of its frames, or -1. */
function open(parser: Parser): i32 {
  const keys = changetype<usize>(parser) + KEYS;
  if (parser.hasKeys !== 0 && parser.version === packet.version) {
    const length = openInitial(keys);
    if (length >= 0) return length;
  }
  // The first packet, or the first after a Retry or a change of version: the keys follow from its connection id.
  initialKeys(quicVersion(packet.version), packet.connectionId, packet.connectionIdLength, tried);
  const length = openInitial(tried);
  if (length < 0) return -1;
  memory.copy(keys, tried, INITIAL_KEYS);
  parser.hasKeys = 1;
  parser.version = packet.version;
  return length;
}
