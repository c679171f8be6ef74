import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {Reading} from "../streams/reading";
import {beginStreamAt, costOf, FULL_COST, openStream, passAllHoles, passHoles, push} from "../streams/stream";
import {closeReader, HANDSHAKE, HandshakeReader, MAX_RECORD_BYTES, readBytes, readGap} from "../parsers/tls/handshake-reader";
import {enterSession, Session, writeSession} from "../parsers/tls/tls-session";

/** `t`: what carries it, in its fingerprint. */
const CARRIER: u8 = 0x74;

/** The handshake is looked for within 64 full payloads. */
const MAX_COST: u32 = 64 * FULL_COST;

/** Handshake messages that a connection is met with: 0, 1, 2, 4, 11, 12, 13, 14, 16, 20 and 22, as bits. */
const MESSAGES: u32 = 0x517817;

/** A session, and the readers of its two directions. */
const STATE_BYTES: usize = offsetof<Session>() + 2 * offsetof<HandshakeReader>();

/** Content types of records: where a connection begins; the turn of another protocol to TLS is judged without. */
export function beginsTls(byte: u8): bool {
  return byte >= 20 && byte <= 23;
}

/**
 * TLS by its record header: a handshake, or another record where the capture began in the middle.
 */
export function recogniseTls(_event: Event, start: usize, end: usize): bool {
  if (end < start + 6 || load<u8>(start, 1) !== 3 || load<u8>(start, 2) > 4) return false;
  const length = u16At(start + 3);
  if (length === 0 || length > MAX_RECORD_BYTES) return false;
  if (load<u8>(start) === HANDSHAKE) {
    const type = load<u8>(start, 5);
    return length >= 40 || (type <= 22 && ((MESSAGES >> type) & 1) !== 0);
  }
  // What else a connection may be met in the middle of: the record's length must fit the payload.
  const next = start + 5 + length;
  if (next >= end) return true;
  return load<u8>(next) >= 20 && load<u8>(next) <= 23 && (next + 1 >= end || load<u8>(next, 1) === 3);
}

/** State for a flow, 0 where memory is out. A session that is not `isFromStart` begins anywhere within a connection. */
export function beginTls(isFromStart: bool): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  openStream(readerOf(state, 0), isFromStart);
  openStream(readerOf(state, 1), isFromStart);
  readerOf(state, 1).direction = 1;
  changetype<Session>(state).carrier = CARRIER;
  return state;
}

/**
 * State for a flow that turns to TLS with the payload of an event: its sender's bytes begin with it, the other's where the
 * sender has acknowledged.
 */
export function beginTlsAt(event: Event): usize {
  const state = beginTls(false);
  if (state === 0 || event.cut !== 0) return state;
  beginStreamAt(readerOf(state, event.direction), event.streamOffset);
  if (event.acknowledged > 0) beginStreamAt(readerOf(state, 1 - event.direction), event.acknowledged);
  return state;
}

/** State for a flow that begins with TLS. */
export function beginTlsFirst(): usize {
  return beginTls(true);
}

/** Takes the payload `start .. end` of the flow; false where no more are wanted. */
export function takeTls(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const session = changetype<Session>(state);
  if (session.isDone) return false;
  enterSession(session, reading, event);
  const other = readerOf(state, 1 - event.direction);
  if (other.first !== 0) passHoles(other, event.acknowledged, changetype<usize>(other), readBytes, readGap);
  const side = readerOf(state, event.direction);
  if (!side.isClosed)
    push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), readBytes, readGap);
  session.cost += costOf(start, end);
  const isOver = session.isDone || session.cost >= MAX_COST || (readerOf(state, 0).isClosed && readerOf(state, 1).isClosed);
  if (isOver) close(state);
  return !isOver;
}

/** The flow has ended, or no more of it is wanted: what is open is written, and the state freed. */
export function endTls(state: usize, reading: Reading, event: Event): void {
  enterSession(changetype<Session>(state), reading, event);
  for (let i = 0; i < 2; i++) {
    const side = readerOf(state, i);
    passAllHoles(side, changetype<usize>(side), readBytes, readGap);
  }
  close(state);
  release(state, STATE_BYTES);
}

function close(state: usize): void {
  writeSession();
  changetype<Session>(state).isDone = true;
  closeReader(readerOf(state, 0));
  closeReader(readerOf(state, 1));
}

// @ts-ignore: decorator
@inline
function readerOf(state: usize, direction: i32): HandshakeReader {
  return changetype<HandshakeReader>(state + offsetof<Session>() + <usize>direction * offsetof<HandshakeReader>());
}
