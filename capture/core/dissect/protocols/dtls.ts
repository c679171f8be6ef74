import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp, countMalformed, releaseHeld, reserveHeld} from "../streams/held";
import {Reading} from "../streams/reading";
import {enterSession, mayCome, session, Session, takeAlert, takeMessage, writeSession} from "../parsers/tls/tls-session";

/** DTLS (RFC 6347, RFC 9147): the handshake's messages, whose fragments come in records of datagrams. */

/** `d`: what carries it, in its fingerprint. */
const CARRIER: u8 = 0x64;

/** Datagrams within which the handshake is looked for, and bytes of a message that is put together. */
const MAX_PAYLOADS: u32 = 64;
const MAX_MESSAGE: usize = 65_536;

const RECORD: usize = 13;
const HEADER: usize = 12;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;

/** A message of a direction that comes in fragments, one behind the other. */
@unmanaged
class Fragments {
  ts: f64 = 0;
  /** The message with its header of four bytes, as TLS has it; its bytes so far, and its length without header. */
  block: u32 = 0;
  have: u32 = 0;
  length: u32 = 0;
  /** Number of the message plus one. */
  number: u32 = 0;
}

const STATE_BYTES: usize = offsetof<Session>() + 2 * offsetof<Fragments>();

/** DTLS by its record header (RFC 9147 §4): a handshake, or another record at the beginning of an epoch. */
export function recogniseDtls(_event: Event, start: usize, end: usize): bool {
  if (start + 14 > end || load<u8>(start, 1) !== 0xfe) return false;
  const version = load<u8>(start, 2);
  if (version !== 0xff && version !== 0xfd) return false;
  const length = u16At(start + 11);
  return length > 0 && start + 13 + length <= end;
}

/** Whether it may begin with that byte. */
export function beginsDtls(byte: u8): bool {
  return byte >= 20 && byte <= 23;
}

/** State of a new flow; 0 where memory is out. */
export function beginDtls(): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  changetype<Session>(state).carrier = CARRIER;
  return state;
}

/** Takes a datagram; false: no more wanted. */
export function takeDtls(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const own = changetype<Session>(state);
  if (own.isDone) return false;
  enterSession(own, reading, event);
  const side = changetype<Fragments>(state + offsetof<Session>() + <usize>event.direction * offsetof<Fragments>());
  for (let at = start; at + RECORD <= end && load<u8>(at, 1) === 0xfe && !own.isDone; ) {
    const content = at + RECORD;
    const next = content + u16At(at + 11);
    // The first epoch is in clear.
    if (next > end || u16At(at + 3) !== 0) break;
    if (load<u8>(at) === HANDSHAKE) takeFragments(side, content, next, event);
    else if (load<u8>(at) === ALERT && next - content === 2) takeAlert(load<u8>(content), load<u8>(content, 1), <u8>event.direction);
    at = next;
  }
  if (!own.isDone && ++own.cost < MAX_PAYLOADS) return true;
  own.isDone = true;
  return false;
}

export function endDtls(state: usize, reading: Reading, event: Event): void {
  enterSession(changetype<Session>(state), reading, event);
  writeSession();
  for (let i: usize = 0; i < 2; i++) drop(changetype<Fragments>(state + offsetof<Session>() + i * offsetof<Fragments>()));
  release(state, STATE_BYTES);
}

function takeFragments(side: Fragments, start: usize, end: usize, event: Event): void {
  for (let at = start; at + HEADER <= end && !session.isDone; ) {
    const length = u24At(at + 1);
    const offset = u24At(at + 6);
    const bytes = u24At(at + 9);
    const content = at + HEADER;
    if (content + bytes > end || offset + bytes > length || !mayCome(load<u8>(at))) return;
    takeFragment(side, load<u8>(at), 1 + u16At(at + 4), length, offset, content, bytes, event);
    at = content + bytes;
  }
}

/** Puts a fragment behind those before it; what was sent again is passed over, and a message with a hole is given up. */
function takeFragment(side: Fragments, type: u8, number: u32, length: usize, offset: usize, at: usize, bytes: usize, event: Event): void {
  if (number < side.number || (number === side.number && side.block === 0 && type !== CLIENT_HELLO)) return;
  if (number !== side.number || side.block === 0) {
    drop(side);
    if (offset !== 0 || length > MAX_MESSAGE) return;
    side.number = number;
    side.ts = event.time;
    side.length = <u32>length;
    if (!reserveHeld(<i32>length + 4)) return countGivenUp();
    side.block = <u32>allocate(length + 4);
    if (side.block === 0) {
      releaseHeld(<i32>length + 4);
      return countGivenUp();
    }
    side.have = 0;
  }
  if (length !== side.length || offset > side.have) return;
  if (offset + bytes > side.have) {
    memory.copy(<usize>side.block + 4 + offset, at, bytes);
    side.have = <u32>(offset + bytes);
  }
  if (side.have < side.length) return;
  const block = <usize>side.block;
  store<u8>(block, type);
  const end = type === CLIENT_HELLO ? withoutCookie(block, block + 4 + length) : block + 4 + length;
  if (end === 0) countMalformed();
  else if (!takeMessage(block, end, side.ts, <u8>event.direction) && session.client === 0) session.isDone = true;
  drop(side);
}

/** Takes the cookie (RFC 6347 §4.2.1) out of a ClientHello, which then is as TLS has it; where it ends, 0 where it is none. */
function withoutCookie(block: usize, end: usize): usize {
  const session = block + 4 + 34;
  if (session + 1 > end) return 0;
  const cookie = session + 1 + <usize>load<u8>(session);
  if (cookie + 1 > end) return 0;
  const behind = cookie + 1 + <usize>load<u8>(cookie);
  if (behind > end) return 0;
  memory.copy(cookie, behind, end - behind);
  return end - (behind - cookie);
}

function drop(side: Fragments): void {
  if (side.block === 0) return;
  releaseHeld(<i32>side.length + 4);
  release(side.block, <usize>side.length + 4);
  side.block = 0;
}

// @ts-ignore: decorator
@inline
function u24At(at: usize): usize {
  return (<usize>load<u8>(at) << 16) | u16At(at + 1);
}
